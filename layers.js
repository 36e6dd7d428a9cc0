/**
 * Who may import whom. Lint and `test/tidy/layers.test.ts` both read this one object.
 *
 * A folder may import itself, the folders listed for it, and the packages listed for it
 * (`node:*` means every module of Node).
 * Imports run one way; there are no cycles between folders.
 */
export const layers = {
  base: { folders: [], packages: ["node:crypto", "node:fs", "node:os"] },
  format: { folders: ["base"], packages: ["node:crypto"] },
  verify: { folders: ["base", "format"], packages: ["node:crypto", "node:fs", "@noble/hashes"] },
  vault: {
    folders: ["base", "format"],
    packages: [
      "node:crypto",
      "node:fs",
      "node:path",
      "node:os",
      "node:zlib",
      "node:child_process",
      "better-sqlite3-multiple-ciphers",
      "age-encryption",
      "tar",
      "@noble/curves",
      "@noble/hashes",
    ],
  },
  // A witness watches other people's logs: it knows keys and proofs, and no journal.
  witness: { folders: ["base", "format", "verify", "vault"], packages: ["node:fs", "node:path"] },
  capture: { folders: ["base", "format"], packages: [] },
  // What of a text looks like an attack: pure, by a table, in time that follows its length.
  scanner: { folders: ["base", "capture"], packages: [] },
  // What the host stored before us: read, never written, and never in the gateway's process.
  history: {
    folders: ["base", "format", "capture"],
    packages: ["node:fs", "node:path", "node:crypto", "node:os", "node:url", "node:zlib", "node:sqlite", "zstddec"],
  },
  // What a host's agents are made of, and what changes of it: looked at where it lies, beside the writer or in a command.
  inventory: { folders: ["base", "format", "capture", "history"], packages: ["node:fs", "node:path", "node:crypto", "node:sqlite", "minimatch"] },
  policy: { folders: ["base", "format"], packages: ["re2js"] },
  // Decides from its state and a command alone; who records the events stands above it.
  ledger: { folders: ["base", "format"], packages: [] },
  // Rates and what a call comes to; the package they come from is read by scripts/ only.
  prices: { folders: ["base", "format", "ledger"], packages: [] },
  // Bills as providers export them: texts become lines.
  bills: { folders: ["base"], packages: [] },
  journal: { folders: ["base", "format", "verify", "vault"], packages: ["node:crypto", "node:fs", "node:path"] },
  projections: { folders: ["base", "format", "vault", "policy", "ledger", "journal"], packages: ["node:fs", "node:zlib"] },
  views: {
    folders: ["base", "format", "verify", "vault", "inventory", "policy", "ledger", "prices", "bills", "journal", "projections"],
    packages: ["node:fs", "node:crypto"],
  },
  operations: {
    folders: ["base", "format", "verify", "vault", "capture", "scanner", "history", "inventory", "policy", "ledger", "prices", "journal", "projections"],
    packages: ["node:fs", "node:path", "node:crypto", "node:os", "node:timers"],
  },
  // Receipts by hand, for other people's programs: knows no ledger.
  library: { folders: ["base", "format", "verify"], packages: ["node:crypto", "node:fs", "node:path"] },
  drill: {
    folders: ["base", "format", "verify", "vault", "journal", "projections"],
    packages: ["node:fs", "node:path", "node:crypto", "node:os"],
  },
  // What runs in a browser: it knows the answers it is told, and nothing of how they are made.
  desk: { folders: [], packages: ["preact", "uplot"] },
  surfaces: {
    folders: [
      "base",
      "format",
      "verify",
      "vault",
      "witness",
      "capture",
      "scanner",
      "history",
      "inventory",
      "policy",
      "ledger",
      "prices",
      "bills",
      "journal",
      "projections",
      "views",
      "operations",
      "drill",
    ],
    packages: ["node:*", "@clack/prompts", "commander", "picocolors", "ipaddr.js"],
  },
  host: {
    folders: ["base", "format", "capture", "scanner", "inventory", "policy", "ledger", "prices", "surfaces"],
    packages: ["node:*", "openclaw"],
  },
}

/** Files that sit directly in `src/`: composition roots and the settings. They may import every folder; no folder imports a root, save `config` and `version`. */
export const roots = [
  "plugin",
  "receipts",
  "cli",
  "main",
  "writer",
  "writer-works",
  "beside",
  "file-watch",
  "reseal-beside",
  "history-threads",
  "history-events",
  "history-follow",
  "sealed-files",
  "config",
  "settings",
  "setting-row",
  "webhook-settings",
  "watch-settings",
  "version",
]

/** Only these folders may append to the journal. */
export const appenders = ["operations"]
