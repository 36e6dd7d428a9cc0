/** A host's home as it lies on disk: configuration, a store with the host's own tables, workspaces, skills, a plugin. The tables are those of OpenClaw 2026.9.6. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { HostPlaces } from "../../src/inventory/host-places.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

export type HostHome = HostPlaces & {
  readonly workspace: string
  readonly write: (path: string, text: string) => string
  readonly remove: (path: string) => void
  readonly configure: (config: object) => void
  readonly skill: (root: string, name: string, text?: string) => string
  /** In the host's index, as its command `plugins install` leaves it. */
  readonly plugin: (id: string, fields?: object) => string
  readonly uninstall: (id: string) => void
  readonly job: (id: string, job: object, state?: object) => void
  readonly removeJob: (id: string) => void
}

const tables = `
  CREATE TABLE config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE cron_jobs (
    store_key TEXT NOT NULL, job_id TEXT NOT NULL, declaration_key TEXT, owner_agent_id TEXT, name TEXT NOT NULL, description TEXT, enabled INTEGER NOT NULL,
    agent_id TEXT, payload_kind TEXT NOT NULL, job_json TEXT NOT NULL, grant_definition_revision TEXT, grant_definition_generation INTEGER,
    grant_definition_updated_at INTEGER, state_json TEXT NOT NULL DEFAULT '{}', runtime_updated_at_ms INTEGER, schedule_identity TEXT,
    sort_order INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL, PRIMARY KEY (store_key, job_id)) STRICT;
  PRAGMA user_version = 18;
  PRAGMA journal_mode = WAL;`

export function hostHome(t: Ending, config: object = {}): HostHome {
  const home = temporaryDirectory(t)
  const stateDirectory = join(home, ".openclaw")
  const [configFile, workspace, database] = [join(stateDirectory, "openclaw.json"), join(home, "workspace"), join(stateDirectory, "state", "openclaw.sqlite")]
  for (const directory of [dirname(database), workspace]) mkdirSync(directory, { recursive: true })
  const installed = new Map<string, object>()
  const inStore = (change: (store: DatabaseSync) => void) => {
    const store = new DatabaseSync(database)
    change(store)
    store.close()
  }
  inStore((store) => store.exec(tables))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  const configure = (changed: object) => void write(configFile, JSON.stringify({ agents: { defaults: { workspace } }, ...changed }, null, 2))
  const indexed = () => {
    const index = {
      plugins: [...installed.values()],
      installRecords: Object.fromEntries([...installed.keys()].map((id) => [id, { source: "npm", version: "1.2.3" }])),
    }
    inStore((store) => store.prepare("INSERT OR REPLACE INTO config_machine_state VALUES ('plugins.installedIndex', ?, 1)").run(JSON.stringify({ index })))
  }
  configure(config)
  return {
    ...{ stateDirectory, configFile, home, workspace, write, configure },
    remove: (path) => rmSync(path, { recursive: true }),
    skill: (root, name, text = `---\nname: ${name}\ndescription: does it\n---\nDo it.\n`) => dirname(write(join(root, name, "SKILL.md"), text)),
    plugin: (id, fields = {}) => {
      const rootDir = join(stateDirectory, "npm", "projects", id, "node_modules", id)
      write(join(rootDir, "openclaw.plugin.json"), JSON.stringify({ id }))
      write(join(rootDir, "dist", "index.js"), "export default {}\n")
      const contributions = { contracts: { tools: [`${id}_echo`] } }
      installed.set(id, {
        pluginId: id,
        rootDir,
        manifestPath: join(rootDir, "openclaw.plugin.json"),
        origin: "global",
        enabled: true,
        packageVersion: "1.2.3",
        contributions,
        ...fields,
      })
      indexed()
      return rootDir
    },
    uninstall: (id) => {
      installed.delete(id)
      indexed()
    },
    job: (id, job, state = {}) =>
      inStore((store) =>
        store
          .prepare(
            "INSERT OR REPLACE INTO cron_jobs(store_key, job_id, name, enabled, payload_kind, job_json, state_json, updated_at) VALUES ('main', ?, ?, 1, 'agentTurn', ?, ?, ?)",
          )
          .run(id, `job ${id}`, JSON.stringify({ id, ...job }), JSON.stringify(state), Date.now()),
      ),
    removeJob: (id) => inStore((store) => store.prepare("DELETE FROM cron_jobs WHERE job_id = ?").run(id)),
  }
}
