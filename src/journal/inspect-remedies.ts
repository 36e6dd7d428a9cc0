/** What is to be done about a part of a store that is damaged or missing. */
export const remedies = {
  keys: "Put keys.json back: sovereign-ledger key restore FILE.",
  secret: "Bring the master key back (key restore FILE), or name its file with --key-file. Without it no sealed file can be looked into.",
  evidence:
    "Keep the files as evidence, and restore the directory from a backup; verify --against a checkpoint kept elsewhere tells whether the backup is the ledger. What can be read can be exported: export json --from A --to B.",
  contents: "Only a backup of journal.db brings these contents back. Headers and facts of these entries stand, and can be proven without them.",
  tiles: "Tiles are copies: no entry is lost with them. Proofs that need one fail until journal.db is restored from a backup.",
  checkpoints: "No entry is lost with them. The note outside, and notes kept elsewhere, still tell of the states they were signed over.",
  cosignatures: "No entry is lost with them. Witnesses give one again for the next checkpoint, and tell what they have seen: sovereign-ledger witness check.",
  scopes: "Restore scopes.db from its own backup: it holds the keys of contents. Everything but contents can be read without it.",
  views: "Delete views.db (and its -wal and -shm): it is made again from the journal.",
  note: "Keep the note as it is: it is evidence. verify tells whether the ledger was rolled back.",
}
