/** The rows of `fault-catalogue.ts` that `serve` has. */
export const serveFaults = {
  "serve.cannot-listen": {
    exit: 2,
    sentence: "Nothing can be served on {address}: {problem}.",
    remedy: "Choose another address with --listen HOST:PORT.",
  },
  "serve.token-unusable": {
    exit: 2,
    sentence: "{file} holds no token that can be used: {problem}.",
    remedy: "A token is one line of 20 to 200 letters, digits and -._~+/=, in a file that only its owner can read. Remove the file, and a new one is made.",
  },
} as const
