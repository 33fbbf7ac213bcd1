// Tells Python which verdict was clicked below which answer.
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[href^='#verdict-']");
  const clicked = link && /^#verdict-(right|wrong)-(\d+)$/.exec(link.getAttribute("href"));
  if (!clicked) return;
  event.preventDefault();
  trigger("submit", { verdict: clicked[1], number: Number(clicked[2]) });
}, true);
