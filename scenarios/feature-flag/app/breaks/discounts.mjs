/** Reads a history that items do not have: every catalogue with the feature is an error. */
export function withDiscounts(items) {
  return items.map((item) => ({ ...item, discount: item.price - item.history.lowest }));
}
