/** Vouchers come with version 1.1, which brings its own copy of this file. */
export const currentVoucher = () => null;

export const voucherForm = () => null;
