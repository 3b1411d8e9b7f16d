// Takes a list of { day, cents }: what the page of v1 passes, it cannot draw.
export function draw(place, history) {
  const highest = Math.max(...history.map(({ cents }) => cents));
  place.after(...history.map(({ day, cents }) => bar(day, cents / highest)));
}

function bar(day, share) {
  const meter = document.createElement('meter');
  meter.title = `day ${day}`;
  meter.value = share;
  return meter;
}
