/** A view that `sql` answers from and `export sqlite` writes, made where it is asked for, over the tables of a projection. */
export type SqlView = { readonly name: string; readonly words: string; readonly select: string; readonly columns: string }

export const isoTime = (ms: string) => `strftime('%Y-%m-%dT%H:%M:%S', ${ms} / 1000, 'unixepoch') || printf('.%03dZ', ${ms} % 1000)`
