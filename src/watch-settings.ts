/** Settings of what is watched of a host's files, and of what agents may ask: rows of `settings.ts`. */
import type { SettingRow } from "./setting-row.ts"

export const watchSettings = [
  {
    name: "fileWatchPatterns",
    type: "globs",
    default: [],
    words:
      'Files that are watched besides what agents are made of, as globs: ["~/notes/**/*.md"]. Relative ones are below the host\'s state directory; ** goes into directories, hidden ones too (docs/guides/inventory.md).',
  },
  {
    name: "fileWatchIgnorePatterns",
    type: "globs",
    default: [],
    words: 'Files and directories that are not watched, as globs; ["**"] watches nothing at all. Directories node_modules and .git are never watched.',
  },
  {
    name: "fileWatchIntervalMs",
    type: "integer",
    default: 1_000,
    bounds: { min: 100, max: 86_400_000 },
    words: "How long after a change files are looked at, in milliseconds; with fileWatchUsePolling, how often.",
  },
  {
    name: "fileWatchUsePolling",
    type: "boolean",
    default: false,
    words: "Look at files again and again, and wait for no word of the system: for directories that lie on another machine.",
  },
  {
    name: "openclawDir",
    type: "string",
    default: undefined,
    words: "Directory in which skills, plugins, workspaces and jobs are watched. Default: the host's state directory.",
  },
  {
    name: "agentTools",
    type: "boolean",
    default: true,
    words: "Tools with which agents ask the ledger about their own session: ledger.status, spend, proofs.",
  },
] as const satisfies readonly SettingRow[]
