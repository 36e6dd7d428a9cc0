/** What is wrong on the host's side: the plugin is not there, is older than this command, or has settings that do nothing. */
import { isIgnoredSetting } from "../../policy/ignored-settings.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import { isNewer } from "../../version.ts"
import { good, unknown, wrong, type Examined, type FilesCheck, type Finding } from "./finding.ts"

const installCommand = "openclaw plugins install npm-pack:FILE --force --accept-capabilities"

export const hostChecks: readonly FilesCheck[] = [
  { name: "host", look: answers },
  { name: "installed", look: installed },
  { name: "version", look: versions },
  { name: "settings", look: settings },
]

/** Nothing where nobody wanted it asked. */
function answers({ host }: Examined): readonly Finding[] {
  if (host.problem !== null) return [wrong("host", host.problem.message, host.problem.remedy)]
  return host.plugin === undefined ? [] : [good("host", "openclaw answers")]
}

function installed({ host }: Examined): readonly Finding[] {
  if (host.plugin === undefined) return []
  return [host.plugin === null ? wrong("installed", "the host does not know the plugin", installCommand) : good("installed", "the host knows the plugin")]
}

/** An older one in the gateway would talk to a newer writer, and lack what it can do. */
function versions({ host, writer, version, code }: Examined): readonly Finding[] {
  const copy = host.plugin?.version
  const running = stringOf(objectOf(writer)["version"])
  const found = [
    ...(copy !== undefined && isNewer(version, copy)
      ? [wrong("version", `the gateway's copy of the plugin is ${copy}; this command is ${version}`, installCommand)]
      : []),
    ...(running !== undefined && (isNewer(version, running) || (version === running && stringOf(objectOf(writer)["code"]) !== code && copy === running))
      ? [wrong("version", `the running writer is ${running}, and another build than this command`, "openclaw gateway restart")]
      : []),
  ]
  return found.length > 0 ? found : [good("version", `this command is ${version}, and nothing that runs is older`)]
}

function settings({ host }: Examined): readonly Finding[] {
  if (host.settings === null) return [unknown("settings", "the host's configuration could not be read", "openclaw config validate")]
  if (host.invalid !== null) return [wrong("settings", host.invalid.message, "openclaw config get plugins.entries.sovereign-ledger.config")]
  const ignored = namesIn(host.settings).filter(isIgnoredSetting)
  if (ignored.length === 0) return [good("settings", "every setting is known, and does something")]
  return ignored.map((name) =>
    wrong(
      "settings",
      `the setting ${name} is ignored: it is one of another audit trail`,
      `openclaw config unset plugins.entries.sovereign-ledger.config.${name}`,
    ),
  )
}

function namesIn(written: unknown, before = ""): readonly string[] {
  return Object.entries(objectOf(written)).flatMap(([name, value]) => [before + name, ...namesIn(value, `${before}${name}.`)])
}
