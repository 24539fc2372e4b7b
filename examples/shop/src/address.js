import { load, save } from './storage.js';

const required = (value) => (value === '' ? 'required' : null);

/** Each field of the address: its autocomplete word, its keyboard, and the text of what is wrong with a value, or null. */
export const addressFields = {
  name: { autocomplete: 'name', type: 'text', problem: required },
  email: {
    autocomplete: 'email',
    type: 'email',
    problem: (value) => required(value) ?? (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : 'emailInvalid'),
  },
  street: { autocomplete: 'street-address', type: 'text', problem: required },
  postcode: {
    autocomplete: 'postal-code',
    type: 'text',
    inputmode: 'numeric',
    problem: (value) => required(value) ?? (/^\d{5}$/.test(value) ? null : 'postcodeInvalid'),
  },
  city: { autocomplete: 'address-level2', type: 'text', problem: required },
};

/** The address as far as the customer has typed it, on this visit or the last. */
export const readAddress = () => load('address', {});

export const saveAddress = (address) => save('address', address);
