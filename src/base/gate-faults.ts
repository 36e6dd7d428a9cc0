/** The rows of `fault-catalogue.ts` that the outbound gate has. */
export const gateFaults = {
  "gate.off": {
    exit: 2,
    sentence: "No gateway has an outbound gate now.",
    remedy: "Name whom to protect in the plugin's setting gate (docs/guides/gate.md), and let the gateway run: who may be armed for follows from it.",
  },
  "gate.unprotected": {
    exit: 2,
    sentence: "{to} is no protected recipient on {channel}: what goes there is not asked about.",
    remedy: "Add it to gate.protectedTo, or leave it: nothing has to be armed for it.",
  },
} as const
