/** Every amount is in whole cents: sums of fractions drift. */
export const quantityDiscount = { from: 3, percent: 15 };
export const delivery = { cents: 390, freeFromCents: 4000 };

/**
 * What a cart costs, with a voucher or without.
 *
 * Wrong on purpose, and what the example suite is there to find: when vouchers came, the quantity discount moved from
 * the line to the piece, so that it is now rounded once per piece. Three bags at €12.95 cost a cent too much.
 * @param {{ product: { priceCents: number }, quantity: number }[]} lines
 * @param {{ cents: number, fromCents: number } | null} voucher
 */
export function priceCart(lines, voucher = null) {
  let subtotalCents = 0;
  let goodsCents = 0;
  for (const { product, quantity } of lines) {
    subtotalCents += product.priceCents * quantity;
    goodsCents += discountedPieceCents(product.priceCents, quantity) * quantity;
  }
  const voucherCents = voucher && goodsCents >= voucher.fromCents ? Math.min(voucher.cents, goodsCents) : 0;
  const deliveryCents = goodsCents === 0 || goodsCents >= delivery.freeFromCents ? 0 : delivery.cents;
  return {
    subtotalCents,
    discountCents: subtotalCents - goodsCents,
    voucherCents,
    deliveryCents,
    totalCents: goodsCents - voucherCents + deliveryCents,
  };
}

function discountedPieceCents(priceCents, quantity) {
  if (quantity < quantityDiscount.from) return priceCents;
  return Math.round((priceCents * (100 - quantityDiscount.percent)) / 100);
}
