/** A plugin or skill about to be installed. Seen, never refused: this hook blocks when a handler throws. */
import { countOf, objectOf } from "../../base/json.ts"
import { hookRow } from "../reading.ts"
import { word } from "../references.ts"
import { listed } from "./closed-list.ts"

export const beforeInstall = hookRow({
  hook: "before_install",
  pick: (event, ctx) => {
    const request = objectOf(event["request"])
    const scan = objectOf(event["builtinScan"])
    const plugin = objectOf(event["plugin"])
    return {
      target: event["targetName"],
      kind: event["targetType"] ?? ctx["targetType"],
      sourceKind: event["sourcePathKind"],
      origin: event["origin"] ?? ctx["origin"],
      request: request["kind"] ?? ctx["requestKind"],
      mode: request["mode"],
      plugin: plugin["pluginId"],
      package: plugin["packageName"],
      version: plugin["version"],
      scan: scan["status"],
      scannedFiles: scan["scannedFiles"],
      critical: scan["critical"],
      warnings: scan["warn"],
      infos: scan["info"],
      source: event["sourcePath"],
      specifier: request["requestedSpecifier"],
      contents: plugin["contentType"],
      manifest: plugin["manifestId"],
      extensions: plugin["extensions"],
      skill: event["skill"],
      scanError: scan["error"],
      findings: scan["findings"],
    }
  },
  map: (reading) => {
    const { picked } = reading
    const target = reading.name("target", picked["target"])
    return [
      reading.event({
        type: "install.requested",
        key: [target, reading.call.atMs],
        facts: {
          kind: listed(picked["kind"], ["plugin", "skill"]),
          target,
          sourceKind: listed(picked["sourceKind"], ["file", "directory"]),
          origin: word(picked["origin"]),
          request: word(picked["request"]),
          mode: listed(picked["mode"], ["install", "update"]),
          plugin: reading.name("plugin", picked["plugin"]),
          package: reading.name("package", picked["package"]),
          version: release(picked["version"]) ?? reading.name("version", picked["version"]),
          scan: listed(picked["scan"], ["ok", "error"]),
          scannedFiles: countOf(picked["scannedFiles"]),
          critical: countOf(picked["critical"]),
          warnings: countOf(picked["warnings"]),
          infos: countOf(picked["infos"]),
        },
        content: {
          source: picked["source"],
          specifier: picked["specifier"],
          contents: picked["contents"],
          manifest: picked["manifest"],
          extensions: picked["extensions"],
          skill: picked["skill"],
          scanError: picked["scanError"],
          findings: picked["findings"],
        },
      }),
    ]
  },
})

/** `0.0.1` looks like a number somebody could be called by, and is none. */
function release(version: unknown): string | undefined {
  return typeof version === "string" && /^(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){2}$/.test(version) ? version : undefined
}
