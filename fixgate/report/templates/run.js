"use strict";
(() => {
  document.documentElement.classList.add("js");
  const filter = document.getElementById("filter");
  const verdict = document.getElementById("verdict");
  const tag = document.getElementById("tag");
  const order = document.getElementById("order");
  const shown = document.getElementById("shown");
  const list = document.querySelector(".list");
  const rows = [...list.querySelectorAll("details.session")];

  const show = () => {
    const words = filter.value.trim().toLowerCase();
    const wanted = tag ? tag.value : "";
    let count = 0;
    for (const row of rows) {
      row.hidden = !row.dataset.search.includes(words)
        || (verdict.value !== "" && row.dataset.verdict !== verdict.value)
        || (wanted !== "" && !JSON.parse(row.dataset.tags).includes(wanted));
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count === rows.length ? "" : `${count} of ${rows.length}`;
  };
  const sort = () => {
    const key = order.value;
    const sorted = [...rows].sort((a, b) => key === "name"
      ? a.dataset.name.localeCompare(b.dataset.name)
      : key === "took"
        ? Number(b.dataset.took) - Number(a.dataset.took)
        : Number(a.dataset[key]) - Number(b.dataset[key]));
    list.append(...sorted);
  };
  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const row = id && document.getElementById(id);
    if (row && row.matches("details")) {
      row.hidden = false;
      row.open = true;
      row.scrollIntoView();
    }
  };
  filter.addEventListener("input", show);
  verdict.addEventListener("change", show);
  if (tag) tag.addEventListener("change", show);
  order.addEventListener("change", sort);
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", () => {
    for (const row of rows) row.open = true;
  });
  openTarget();
})();
