import time, json, pathlib
from tests.browser.hostile import steps
from tests.browser.hostile.crawl import walk
from tests.browser.hostile.fields import LEFT_OUT, fields_for_words
from tests.browser.hostile.payloads import OWN, Pen


def test_probe(market):
    t = time.time()
    out = []
    pen = Pen(OWN)
    with market.listening(pen):
        starts = steps.starts_of(market)
        out.append(f"starts {time.time() - t:.1f}")
        for who, path in starts:
            market.fill_page(pen, who, path)
        out.append(f"filled starts {time.time() - t:.1f}")
        for who, path in walk(market, starts, samples=1):
            market.fill_page(pen, who, path)
        out.append(f"walked {time.time() - t:.1f}")
        for step in steps.STEPS:
            step(market, pen)
            out.append(f"{step.__name__} {time.time() - t:.1f}")
    steps.run_jobs(market)
    out.append(f"jobs {time.time() - t:.1f}")
    a = walk(market, steps.starts_of(market), samples=1)
    out.append(f"walk again {time.time() - t:.1f} {len(a)}")
    known = fields_for_words() - LEFT_OUT.keys()
    out += [
        "KNOWN",
        str(len(known)),
        "LEFT",
        *sorted(known - market.covered),
        "STUCK",
        *market.stuck,
        "BROKEN",
        *market.broken,
        "LOST",
        *market.lost,
    ]
    out.append(str(min(pen.uses.values())))
    pathlib.Path("/tmp/hostile.probe").write_text("\n".join(out))
