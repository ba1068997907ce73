/* Where photos are added one by one: the next empty place opens when the one before is filled. */
const more = document.querySelector("[data-photos]");
if (more) oneByOne([...document.querySelectorAll("[data-photo]")], more.closest("details"));

function oneByOne(rows, details) {
  const files = rows.map((row) => row.querySelector("input[type=file]"));
  const words = rows.map((row) => row.querySelector("input:not([type=file])"));
  const isFilled = (i) => files[i].value !== "" || words[i].value !== "";

  function show() {
    const last = rows.findLastIndex((_row, i) => isFilled(i));
    rows.forEach((row, i) => {
      row.hidden = i > last + 1;
    });
    if (last >= 0) details.open = true;
  }

  for (const input of [...files, ...words]) input.addEventListener("change", show);
  rows.forEach((row, i) => {
    row.hidden = i > 1 && !isFilled(i);
  });
  if (rows.some((_row, i) => isFilled(i))) show();
}
