export const version = '1.1';
