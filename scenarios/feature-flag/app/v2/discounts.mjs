/** The feature: what an item costs less today. */
export function withDiscounts(items) {
  return items.map((item) => ({ ...item, discount: Math.round(item.price / 10) }));
}
