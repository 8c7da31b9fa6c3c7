"use strict";
(() => {
  document.documentElement.classList.add("js");
  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const row = id && document.getElementById(id);
    if (row && row.matches("details")) {
      row.open = true;
      row.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", () => {
    for (const row of document.querySelectorAll(".exchange details.session")) row.open = true;
  });
  openTarget();
})();
