// Takes a list of prices in cents.
export function draw(place, prices) {
  const highest = Math.max(...prices);
  place.after(...prices.map((price) => bar(price / highest)));
}

function bar(share) {
  const meter = document.createElement('meter');
  meter.value = share;
  return meter;
}
