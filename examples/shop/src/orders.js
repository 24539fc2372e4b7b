import { load, save } from './storage.js';

/** Keeps an order and returns its number. */
export function placeOrder(order) {
  const number = load('last-order', { number: 1000 }).number + 1;
  save('last-order', { ...order, number });
  return number;
}

/** The order of that number, or null: only the last one is kept. */
export function findOrder(number) {
  const order = load('last-order', null);
  return order && String(order.number) === number ? order : null;
}
