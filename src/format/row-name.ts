/** Characters of a row's name: 96 bits as base64url. How it is made stands in `capture/row-identity.ts`. */
export const rowNameLength = 16
