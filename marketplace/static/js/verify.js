// Checks a receipt's proof in the browser. It asks nobody anything: a saved page works, too.
// The formats are those of docs/proofs.md; marketplace/proofs/verify.py is the same in Python.
"use strict";

(() => {
  const PLACES = ["outside", "pending", "confirmed", "underway", "frozen"];
  const MOVES = PLACES.flatMap((start) => PLACES.map((end) => `${start}>${end}`));
  // What a receipt says of a project, and where that money stands.
  const STANDING = {
    held_minor: "pending",
    confirmed_minor: "confirmed",
    frozen_by_a_dispute_minor: "frozen",
  };
  const MOST = 2n ** 63n - 1n;
  const text = new TextEncoder();

  class Wrong extends Error {}

  const insist = (holds, reason) => {
    if (!holds) throw new Wrong(reason);
  };

  // --- bytes ---

  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  };
  const byte = (number) => Uint8Array.of(number);
  const encode64 = (bytes) => btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  const decode64 = (written) => {
    let bytes;
    try {
      bytes = Uint8Array.from(atob(written), (one) => one.charCodeAt(0));
    } catch {
      throw new Wrong("something is not base64");
    }
    insist(encode64(bytes) === written, "something is not base64");
    return bytes;
  };
  const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const same = (one, other) => hex(one) === hex(other);
  const sha256 = async (...parts) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

  // --- the tree of RFC 9162 ---

  const leafHash = (entry) => sha256(byte(0), entry);
  const nodeHash = (left, right) => sha256(byte(1), left, right);

  async function climb(leaf, index, size, path, above) {
    insist(Number.isSafeInteger(index) && index >= 0 && index < size, "the leaf lies outside the tree");
    let [node, place, last] = [leaf, BigInt(index), BigInt(size) - 1n];
    for (const other of path) {
      insist(last > 0n, "the path is too long");
      if (place & 1n || place === last) {
        node = await above(other, node);
        while (place && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
      } else {
        node = await above(node, other);
      }
      [place, last] = [place >> 1n, last >> 1n];
    }
    insist(last === 0n, "the path is too short");
    return node;
  }

  // --- sums ---

  function encodeSums(sums) {
    const moves = MOVES.filter((move) => move in sums);
    const parts = moves.map((move) => {
      insist(sums[move] > 0n && sums[move] <= MOST, "an amount is not a positive number");
      const amount = new DataView(new ArrayBuffer(8));
      amount.setBigUint64(0, sums[move]);
      return join(byte(MOVES.indexOf(move)), new Uint8Array(amount.buffer));
    });
    return join(byte(parts.length), ...parts);
  }

  function readSums(written) {
    const sums = {};
    for (const part of written.split(" ").filter(Boolean)) {
      const [, move, amount] = /^([a-z]+>[a-z]+)=([0-9]{1,19})$/.exec(part) ?? [];
      insist(MOVES.includes(move), "sums cannot be read");
      sums[move] = BigInt(amount);
    }
    return sums;
  }

  const addUp = (one, other) => {
    const both = {};
    for (const move of MOVES) {
      if (move in one || move in other) both[move] = (one[move] ?? 0n) + (other[move] ?? 0n);
    }
    return both;
  };
  const sumNode = async (left, right) => ({
    hash: await sha256(byte(1), left.hash, encodeSums(left.sums), right.hash, encodeSums(right.sums)),
    sums: addUp(left.sums, right.sums),
  });

  // --- notes ---

  async function readKey(written) {
    const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(written.trim()) ?? [];
    insist(encoded, "the key cannot be read");
    const raw = decode64(encoded);
    const number = (await sha256(text.encode(`${name}\n`), raw)).slice(0, 4);
    insist(raw.length === 33 && raw[0] === 1 && hex(number) === id, "the key cannot be read");
    return { name, number, raw: raw.slice(1) };
  }

  function readCheckpoint(note) {
    const end = note.lastIndexOf("\n\n");
    const [origin, size, root, ...rest] = note.slice(0, end).split("\n");
    insist(
      end > 0 && origin && /^(0|[1-9][0-9]{0,14})$/.test(size) && root && rest.length === 0,
      "the checkpoint cannot be read",
    );
    const signatures = note.slice(end + 2).split("\n").filter(Boolean).map((line) => line.split(" "));
    return {
      origin, size: Number(size), root: decode64(root), body: note.slice(0, end + 1), signatures,
    };
  }

  // Returns false where the browser knows no Ed25519.
  async function checkSignature(checkpoint, key) {
    const raw = checkpoint.signatures
      .filter(([dash, name]) => dash === "—" && name === key.name)
      .map(([, , encoded]) => decode64(encoded))
      .find((signature) => same(signature.slice(0, 4), key.number));
    insist(raw, `${key.name} did not sign the checkpoint`);
    const body = text.encode(checkpoint.body);
    let fine;
    try {
      const kind = { name: "Ed25519" };
      const known = await crypto.subtle.importKey("raw", key.raw, kind, false, ["verify"]);
      fine = await crypto.subtle.verify(kind, known, raw.slice(4), body);
    } catch {
      return false;
    }
    insist(fine, `the signature of ${key.name} is not right`);
    return true;
  }

  // --- what a receipt says ---

  function fieldsOf(written, title) {
    const [first, ...lines] = written.split("\n");
    insist(first === title && lines.pop() === "", `this is no ${title}`);
    const fields = {};
    for (const line of lines) {
      const blank = line.indexOf(" ");
      const name = line.slice(0, blank);
      insist(blank > 0 && !(name in fields), `this is no ${title}`);
      fields[name] = line.slice(blank + 1);
    }
    return fields;
  }

  async function checkLeaf(entry, place, checkpoint) {
    const path = place.log_path.map(decode64);
    const root = await climb(await leafHash(entry), place.index, checkpoint.size, path, nodeHash);
    insist(same(root, checkpoint.root), "this is not in the log");
  }

  async function checkCounted(counted, commitment, told, checkpoint) {
    const day = fieldsOf(counted.text, "causeway-day/1");
    for (const name of ["project", "currency", "day"]) {
      insist(day[name] === told[name], "these are another project's or another day's sums");
    }
    const sums = { [told.move]: BigInt(told.amount) };
    insist(MOVES.includes(told.move), "sums cannot be read");
    const leaf = { hash: await sha256(byte(0), commitment, encodeSums(sums)), sums };
    const path = counted.sum_path.map((one) => ({ hash: decode64(one.hash), sums: readSums(one.sums) }));
    const root = await climb(leaf, counted.position, Number(day.count), path, sumNode);
    const agreed = same(encodeSums(root.sums), encodeSums(readSums(day.sums)));
    insist(hex(root.hash) === day.root && agreed, "this is not counted in the day's sums");
    await checkLeaf(join(byte(2), text.encode(counted.text)), counted, checkpoint);
  }

  const nameOf = (names, id) => Object.keys(names ?? {}).find((name) => names[name] === id) ?? id;

  async function checkEvent(event, checkpoint, findings) {
    let told = {};
    try {
      told = fieldsOf(event.text, "causeway-event/1");
      const salt = decode64(event.salt);
      insist(salt.length === 32, "the salt has the wrong length");
      const commitment = await sha256(salt, text.encode(event.text));
      await checkLeaf(join(byte(1), commitment), event, checkpoint);
      const counted = event.counted !== null;
      if (counted) await checkCounted(event.counted, commitment, told, checkpoint);
      const about = { ...told, leaf: event.index };
      findings.push({ good: true, what: counted ? "counted" : "event", about });
    } catch (error) {
      findings.push({ good: false, what: "wrong", about: told, reason: error.message });
    }
    return told;
  }

  function stands(events, where) {
    let total = 0n;
    for (const one of events) {
      const [start, end] = one.move.split(">");
      if (end === where) total += BigInt(one.amount);
      if (start === where) total -= BigInt(one.amount);
    }
    return total;
  }

  function checkSums(receipt, proof, events, findings) {
    for (const told of proof.waiting || proof.forgotten ? [] : (receipt.projects ?? [])) {
      const mine = events.filter((one) => one.project === proof.names[told.project]);
      const captured = mine.filter((one) => one.what === "capture");
      const parts = [told.given_by_companies_minor, told.own_donation_minor, told.matched_by_sponsors_minor ?? 0];
      const said = [parts.reduce((sum, part) => sum + BigInt(part), 0n)];
      const found = [-stands(captured, "outside")];
      for (const [name, where] of Object.entries(STANDING)) {
        if (!(name in told)) continue;
        said.push(BigInt(told[name]));
        found.push(stands(mine, where));
      }
      const good = said.join() === found.join();
      const reason = good ? "" : `${told.project}: ${said.join()} / ${found.join()}`;
      findings.push({ good, what: good ? "sums" : "wrong", about: { project: told.project }, reason });
    }
  }

  async function checkReceipt(receipt, writtenKey) {
    const findings = [];
    try {
      const proof = receipt.proof ?? receipt;
      const checkpoint = readCheckpoint(proof.checkpoint);
      const key = await readKey(writtenKey);
      const signed = await checkSignature(checkpoint, key);
      const about = { key: key.name, leaves: checkpoint.size };
      findings.push({ good: true, what: signed ? "signature" : "unsigned", about });
      const events = [];
      for (const event of proof.events) events.push(await checkEvent(event, checkpoint, findings));
      if (proof.waiting) {
        findings.push({ good: true, what: "waiting", about: { events: proof.waiting } });
      }
      insist(proof.waiting || events.length, "no event is in it, so it proves nothing");
      if (findings.every((one) => one.good)) checkSums(receipt, proof, events, findings);
    } catch (error) {
      const what = error instanceof Wrong ? "wrong" : "format";
      findings.push({ good: false, what, about: {}, reason: error.message });
    }
    return findings;
  }

  // --- the page ---

  const place = document.getElementById("findings");
  const form = document.getElementById("check");
  const sentences = JSON.parse(place.dataset.sentences);

  function inWords(finding) {
    const about = { ...finding.about };
    about.move = sentences[`move ${about.move}`] ?? about.move;
    try {
      const written = new Intl.NumberFormat(place.dataset.language, {
        style: "currency", currency: about.currency,
      });
      const decimals = written.resolvedOptions().maximumFractionDigits;
      about.money = written.format(Number(about.amount) / 10 ** decimals);
    } catch {
      about.money = `${about.amount} ${about.currency}`;
    }
    return sentences[finding.what].replace(/\{(\w+)\}/g, (_whole, name) => about[name] ?? "");
  }

  function show(findings) {
    const good = findings.every((one) => one.good);
    const whole = findings.every((one) => one.what !== "unsigned");
    const section = document.createElement("section");
    section.className = "paper stack";
    const title = document.createElement("h2");
    title.className = "paper__title";
    title.textContent = !good ? sentences.not_good : whole ? sentences.all_good : sentences.but_signature;
    const rows = document.createElement("div");
    rows.className = "proof";
    for (const finding of findings) {
      const fine = finding.good && finding.what !== "unsigned";
      const row = document.getElementById(fine ? "good" : "bad").content.cloneNode(true);
      const said = row.querySelector(".proof__row > div");
      const reason = said.querySelector(".hash");
      if (reason) reason.textContent = finding.reason ?? "";
      said.prepend(inWords(finding));
      rows.append(row);
    }
    section.append(title, rows);
    const isSaved = location.protocol === "file:"; // then nobody is there to ask
    if (!whole && !isSaved) section.append(document.getElementById("ask").content.cloneNode(true));
    place.replaceChildren(section);
    section.scrollIntoView({ block: "nearest" });
  }

  form.addEventListener("submit", (event) => {
    const older = form.elements.older.value.trim();
    const file = form.elements.file.files[0];
    const pasted = form.elements.receipt.value;
    // The server has the log at hand that an older checkpoint is held against.
    const asked = event.submitter?.dataset.ask !== undefined;
    if (asked || older || !crypto.subtle || !(file || pasted.trim())) return;
    event.preventDefault();
    (async () => {
      let receipt;
      try {
        receipt = JSON.parse(file ? await file.text() : pasted);
      } catch (error) {
        show([{ good: false, what: "format", about: {}, reason: error.message }]);
        return;
      }
      const findings = await checkReceipt(receipt, form.elements.key.value);
      const names = (receipt?.proof ?? receipt)?.names;
      for (const { about } of findings) about.project = nameOf(names, about.project);
      show(findings);
    })();
  });
})();
