// Shows the page's own words in one language: Python and `both` send each text in Chinese and in
// English, see words.py. The browser's language decides until a person presses the switch.
const both = (chinese, english) => `\u2061${chinese}\u2063${english}\u2064`;

(() => {
  "use strict";
  const KEY = "rag-language";
  const PAIR = /\u2061([^\u2061-\u2064]*)\u2063([^\u2061-\u2064]*)\u2064/g;
  const TAGS = { zh: "zh-CN", en: "en" };
  const ATTRIBUTES = ["aria-label", "alt", "placeholder", "title"];
  const NOT_WORDS = "script, style, textarea";
  // Text or attribute node -> what came, and what is shown of it.
  const words = new WeakMap();
  let language = chosen() || (/^zh\b/i.test(navigator.language) ? "zh" : "en");

  // A browser that keeps nothing refuses localStorage: the choice then lasts as long as the page.
  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return kept in TAGS ? kept : "";
    } catch {
      return "";
    }
  }

  function keep() {
    try {
      localStorage.setItem(KEY, language);
    } catch {
      console.info("the choice of language cannot be kept");
    }
  }

  function say(node) {
    if (!node) return;
    const before = words.get(node);
    const isOurs = before && before.shown === node.nodeValue;
    const came = isOurs ? before.came : withChinese(node);
    const shown = came.replace(PAIR, language === "zh" ? "$1" : "$2");
    if (shown === came) return;
    words.set(node, { came, shown });
    if (node.nodeValue !== shown) node.nodeValue = shown;
  }

  function sayAttributes(element) {
    for (const name of ATTRIBUTES) say(element.getAttributeNode(name));
  }

  function sayAll(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) sayAttributes(node);
      else if (node.parentElement && !node.parentElement.matches(NOT_WORDS)) say(node);
    }
  }

  // Gradio sets the page's language to the browser's, and the header is drawn anew.
  function showChoice() {
    const html = document.documentElement;
    if (html.lang !== TAGS[language]) html.lang = TAGS[language];
    for (const button of document.querySelectorAll("button[data-speak]")) {
      const isPressed = String(button.dataset.speak === language);
      if (button.getAttribute("aria-pressed") !== isPressed) {
        button.setAttribute("aria-pressed", isPressed);
      }
    }
  }

  function speak() {
    sayAll(document.documentElement);
    showChoice();
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") say(change.target.getAttributeNode(change.attributeName));
      else if (change.type === "characterData") sayAll(change.target);
      else change.addedNodes.forEach(sayAll);
    }
    showChoice();
  }).observe(document, {
    childList: true, subtree: true, characterData: true, attributeFilter: [...ATTRIBUTES, "lang"],
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[data-speak]");
    if (!button) return;
    language = button.dataset.speak;
    keep();
    speak();
  });

  speak();
})();
