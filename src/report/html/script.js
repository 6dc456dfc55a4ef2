// Filters, deep links and printing. The page is complete without it.
(() => {
  "use strict";
  const form = document.getElementById("filtres");
  const items = [...document.querySelectorAll("li.requirement")];
  const sections = [...document.querySelectorAll("section.domain")];
  const count = document.getElementById("compte");
  const none = document.getElementById("aucune");
  const numbers = new Intl.NumberFormat(form.dataset.lang);
  const texts = new Map();

  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[\u00a0\u202f]/g, " ").replace(/\u2019/g, "'").toLowerCase();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, fold(item.textContent));
    return texts.get(item);
  };

  const filter = () => {
    const data = new FormData(form);
    const states = new Set(data.getAll("state"));
    const words = fold(data.get("q")).split(/\s+/).filter(Boolean);
    const exact = ["domain", "level", "severity", "actor"].filter((name) => data.get(name));
    let shown = 0;
    for (const item of items) {
      const ok = states.has(item.dataset.state)
        && exact.every((name) => item.dataset[name] === data.get(name))
        && words.every((word) => textOf(item).includes(word));
      item.hidden = !ok;
      if (ok) shown += 1;
    }
    // A domain without requirement stays: that nothing was checked there is a result.
    for (const section of sections) section.hidden = section.querySelector("li") !== null && !section.querySelector("li.requirement:not([hidden])");
    none.hidden = shown > 0;
    const one = form.dataset.lang === "fr" ? shown < 2 : shown === 1;
    count.textContent = (one ? form.dataset.one : form.dataset.many)
      .replace("{n}", numbers.format(shown)).replace("{total}", numbers.format(items.length));
  };

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 80);
  });
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const what = event.target.dataset.do;
    if (!what) return;
    for (const item of items) if (!item.hidden) item.firstElementChild.open = what === "open";
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });

  // A link to a requirement opens it, even when a filter hides it.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || target.tagName !== "DETAILS") return;
    if (target.parentElement.hidden) form.reset();
    target.open = true;
    setTimeout(() => { filter(); target.scrollIntoView(); target.firstElementChild.focus({ preventScroll: true }); });
  };
  addEventListener("hashchange", follow);

  // On paper, failures are open and every requirement is there.
  let before = [];
  addEventListener("beforeprint", () => {
    before = items.map((item) => [item, item.hidden, item.firstElementChild.open]);
    for (const item of items) {
      item.hidden = false;
      item.firstElementChild.open = item.dataset.state === "fail" || item.dataset.state === "waived";
    }
    for (const section of sections) section.hidden = false;
  });
  addEventListener("afterprint", () => {
    for (const [item, hidden, open] of before) {
      item.hidden = hidden;
      item.firstElementChild.open = open;
    }
    filter();
  });

  form.hidden = false;
  filter();
  follow();
})();
