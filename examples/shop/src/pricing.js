/** Every amount is in whole cents: sums of fractions drift. */
export const quantityDiscount = { from: 3, percent: 15 };
export const delivery = { cents: 390, freeFromCents: 4000 };

/**
 * What a cart costs. The quantity discount is taken off a whole line and rounded once, half a cent up.
 * @param {{ product: { priceCents: number }, quantity: number }[]} lines
 */
export function priceCart(lines) {
  let subtotalCents = 0;
  let discountCents = 0;
  for (const { product, quantity } of lines) {
    const lineCents = product.priceCents * quantity;
    subtotalCents += lineCents;
    if (quantity >= quantityDiscount.from) discountCents += Math.round((lineCents * quantityDiscount.percent) / 100);
  }
  const goodsCents = subtotalCents - discountCents;
  const deliveryCents = goodsCents === 0 || goodsCents >= delivery.freeFromCents ? 0 : delivery.cents;
  return { subtotalCents, discountCents, voucherCents: 0, deliveryCents, totalCents: goodsCents + deliveryCents };
}
