/** What is found in a file that changed, as an event after the one that says so: made where the file was read, in the thread that watches. */
import type { NewEvent } from "../../format/event.ts"
import { sha256 } from "../../format/sha256.ts"
import { pathId, type Pseudonym } from "../../inventory/watch/file-events.ts"
import type { InspectFile } from "../../inventory/watch/looker.ts"
import { withoutSecrets } from "../record.ts"
import { foundInValue } from "./found.ts"
import { foundFacts } from "./with-findings.ts"

/** Code of plugins is no text for a model, and ours names attacks by their words: it is told of as changed, and not looked into. */
export function scanFile(pseudonym: Pseudonym): InspectFile {
  return ({ kind, path, name, text }) => {
    const found = kind === "plugin" ? undefined : foundInValue(text, "file")
    if (!found) return []
    const id = pathId(path, pseudonym)
    const event: NewEvent<"finding.recorded"> = {
      type: "finding.recorded",
      id: `finding.recorded:${id}/${pseudonym(`content:${sha256(text).toString("hex")}`)}`,
      facts: { ...foundFacts(found), path: id },
      content: { path, name, texts: found.findings.map(({ check, text: shown }) => ({ check, text: shown })) },
    }
    return [withoutSecrets(event)]
  }
}
