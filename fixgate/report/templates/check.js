"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const filter = document.getElementById("filter");
  const troubled = document.getElementById("troubled");
  const order = document.getElementById("order");
  const groups = [...document.querySelectorAll("section.group")];

  const show = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const group of groups) {
      let any = false;
      for (const row of group.querySelectorAll("details.session")) {
        const hit = row.dataset.search.includes(wanted) && (!troubled.checked || row.dataset.clean === "no");
        row.hidden = !hit;
        any = any || hit;
      }
      group.hidden = !any;
    }
  };
  const sort = () => {
    const key = order.value;
    for (const group of groups) {
      const list = group.querySelector(".list");
      const rows = [...list.querySelectorAll("details.session")];
      rows.sort((a, b) => key === "name"
        ? a.dataset.name.localeCompare(b.dataset.name)
        : Number(a.dataset[key]) - Number(b.dataset[key]));
      list.append(...rows);
    }
  };
  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const row = id && document.getElementById(id);
    if (row && row.matches("details")) {
      row.open = true;
      row.scrollIntoView();
    }
  };
  filter.addEventListener("input", show);
  troubled.addEventListener("change", show);
  order.addEventListener("change", sort);
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", () => {
    for (const row of document.querySelectorAll("details.session")) row.open = true;
  });
  openTarget();
})();
