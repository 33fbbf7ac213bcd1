// Static script of the chat page: links in an answer open their source, and copy.
// It reads ids and text that Python has escaped; it never turns text into markup.
(() => {
  "use strict";

  // Gradio labels each message with its source, which a screen reader would read out as
  // markup; without the label it reads the message itself. It calls its example questions a list,
  // which buttons cannot be items of.
  new MutationObserver(() => {
    for (const message of document.querySelectorAll("#rag-chat [data-testid][aria-label]")) {
      message.removeAttribute("aria-label");
    }
    for (const examples of document.querySelectorAll("#rag-chat .examples[role='list']")) {
      examples.setAttribute("role", "group");
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["aria-label"] });

  function showTurn(turn) {
    for (const other of document.querySelectorAll(".rag-turn")) {
      other.classList.toggle("rag-shown", other === turn);
    }
  }

  function openSource(target) {
    const turn = target.closest(".rag-turn");
    if (!turn) return;
    showTurn(turn);
    for (const source of turn.querySelectorAll(".rag-source")) {
      source.classList.toggle("rag-current", source === target);
    }
    if (target.matches("details")) target.open = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
    const summary = target.querySelector("summary");
    if (summary) summary.focus({ preventScroll: true });
  }

  async function copyTurn(link, number, form) {
    const text = document.querySelector(`#turn-${number} .rag-copy-${form || "text"}`);
    if (!text || link.dataset.told) return;
    const label = [...link.childNodes];
    link.dataset.told = "yes";
    let told = both("已复制", "Copied");
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      told = both("无法复制", "Not allowed");
    }
    link.replaceChildren(told);
    setTimeout(() => {
      link.replaceChildren(...label);
      delete link.dataset.told;
    }, 1500);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (!link) return;
    const name = link.getAttribute("href").slice(1);
    const copied = /^copy-(\d+)(?:-(markdown|gbt))?$/.exec(name);
    if (copied) {
      event.preventDefault();
      copyTurn(link, copied[1], copied[2]);
    } else if (/^(source-\d+-\d+|turn-\d+)$/.test(name)) {
      const target = document.getElementById(name);
      event.preventDefault();
      if (target) openSource(target);
    }
  }, true);
})();
