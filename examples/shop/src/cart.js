import { load, save } from './storage.js';

export const maxQuantity = 99;

/** The cart as `{ [product id]: quantity }`. Kept in the browser, so that a lost connection or a closed tab loses nothing. */
export const readCart = () => load('cart', {});

/** How many pieces are in the cart. */
export const countPieces = () => Object.values(readCart()).reduce((sum, quantity) => sum + quantity, 0);

/** Sets how many of a product to buy, 0 to 99; 0 takes it out of the cart. */
export function setQuantity(id, quantity) {
  const cart = readCart();
  const whole = Math.min(maxQuantity, Math.max(0, Math.floor(Number(quantity) || 0)));
  if (whole === 0) delete cart[id];
  else cart[id] = whole;
  save('cart', cart);
}

export const addToCart = (id, quantity) => setQuantity(id, (readCart()[id] ?? 0) + quantity);

export function emptyCart() {
  save('cart', {});
  save('voucher', '');
}

/** The cart's lines with their products; what is no longer sold is left out. */
export function cartLines(products) {
  const cart = readCart();
  return products
    .filter((product) => Object.hasOwn(cart, product.id))
    .map((product) => ({ product, quantity: cart[product.id] }));
}
