"use strict";
// A click on a heading sorts by its column: numbers by value, texts as the page's language sorts them.
const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
const value = (row, column) => {
  const cell = row.cells[column];
  const plain = cell.dataset.value ?? cell.textContent.trim();
  const number = Number(plain);
  return plain !== "" && !Number.isNaN(number) ? number : plain;
};
const compare = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b));
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    const sort = () => {
      const isDown = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (isDown ? -1 : 1) * compare(value(a, column), value(b, column)));
      table.tBodies[0].append(...rows);
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });
}
const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("#students tbody tr")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
});
