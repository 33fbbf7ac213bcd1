// Script of the list of reports: a report is removed by a second click on its button, which asks
// after the first. Gradio gives `element` (the list) and `trigger` (an event of the list).
function say(button, words) {
  button.textContent = words;
  button.setAttribute("aria-label", `${words} ${button.dataset.name}`);
}

function reset(button) {
  button.classList.remove("rag-sure");
  say(button, button.dataset.label);
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-document]");
  for (const other of element.querySelectorAll("button.rag-sure")) {
    if (other !== button) reset(other);
  }
  if (!button) return;
  if (button.classList.contains("rag-sure")) {
    reset(button);
    trigger("click", { document: button.dataset.document });
  } else {
    say(button, button.dataset.ask);
    button.classList.add("rag-sure");
  }
});
