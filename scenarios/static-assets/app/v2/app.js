// Loads the chart only when somebody asks for it: minutes after the page, and maybe after a release.
const button = document.querySelector('[data-chunk]');
button.addEventListener('click', async () => {
  const { draw } = await import(button.dataset.chunk);
  draw(button, [
    { day: 1, cents: 3900 },
    { day: 2, cents: 4100 },
  ]);
});
