// Static script of the source viewer: it asks the server for pieces of a document when they are
// looked at, and scrolls to what is marked. The pieces are markup that Python has escaped.
(() => {
  "use strict";
  const FAILED = both("未能载入，请再点一次。", "Could not be loaded; click once more.");
  const WAITING = both("载入中…", "Loading…");

  async function piece(address) {
    const response = await fetch(address, { credentials: "same-origin" });
    const kind = response.headers.get("content-type") || "";
    if (!kind.startsWith("text/html")) throw new Error(`status ${response.status}`);
    return response.text();
  }

  function note(words) {
    const line = document.createElement("p");
    line.className = "rag-gone rag-loading";
    line.setAttribute("role", "status");
    line.textContent = words;
    return line;
  }

  // Only the pane moves, not the page: the reader may be elsewhere by now.
  function centre(pane) {
    const mark = pane && pane.querySelector("mark.answer, .evidence, .rag-lit");
    if (!mark) return;
    const top = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTop += top - pane.clientHeight / 3;
  }

  async function show(view, address) {
    for (const line of view.querySelectorAll(".rag-loading")) line.remove();
    const old = [...view.childNodes];
    view.append(note(WAITING));
    view.dataset.shown = address;
    try {
      const markup = await piece(address);
      if (view.dataset.shown !== address) return;
      view.innerHTML = markup;
      centre(view.querySelector(".rag-pane"));
    } catch {
      if (view.dataset.shown !== address) return;
      view.replaceChildren(...old, note(FAILED));
      delete view.dataset.shown;
    }
  }

  function load(source) {
    for (const view of source.querySelectorAll("[data-view]")) {
      if (!view.dataset.shown) show(view, view.dataset.view);
    }
  }

  // A mark leads to what is quoted wherever the reader has gone from there.
  function comeBack(source) {
    for (const view of source.querySelectorAll("[data-view]")) {
      if (view.dataset.shown === view.dataset.view) centre(view.querySelector(".rag-pane"));
      else show(view, view.dataset.view);
    }
  }

  // Opened by a click, by a mark, or shown open with a new answer. Sources of older answers stay
  // hidden and are loaded when they are brought back.
  document.addEventListener("toggle", (event) => {
    const source = event.target;
    if (source.matches(".rag-source, .rag-near") && source.open && source.closest(".rag-shown")) {
      load(source);
    }
  }, true);

  async function more(button) {
    const pane = button.closest(".rag-pane");
    const below = pane.scrollHeight - pane.scrollTop;
    const isEarlier = button === pane.firstElementChild;
    button.disabled = true;
    try {
      const markup = await piece(button.dataset.more);
      button.insertAdjacentHTML("afterend", markup);
      button.remove();
      if (isEarlier) pane.scrollTop = pane.scrollHeight - below;
      pane.focus({ preventScroll: true });
    } catch {
      button.disabled = false;
      button.textContent = FAILED;
    }
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest && event.target.closest(
      "[data-more], [data-jump], [data-turn], a.rag-mark, a.rag-see");
    if (!at) return;
    if (at.dataset.more) more(at);
    else if (at.dataset.jump || at.dataset.turn) {
      show(at.closest("[data-view]"), at.dataset.jump || at.dataset.turn);
    } else {
      const target = document.getElementById(at.getAttribute("href").slice(1));
      // page.js has opened it; a turn brings its open sources along.
      for (const source of document.querySelectorAll(".rag-shown :is(.rag-source, .rag-near)")) {
        if (source === target) comeBack(source);
        else if (source.open) load(source);
      }
    }
  });
})();
