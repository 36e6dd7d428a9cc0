/** The flag that names certificates by which time-stamps are checked, and what it comes to together with the settings. */
import { Fault } from "../../../base/fault.ts"
import { parseTimeStampAuthority } from "../../../format/time-stamp-authority.ts"
import { readCertificates } from "../../../operations/anchor/anchor-settings.ts"
import type { AnchorPin } from "../../../verify/anchor-tally.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"

export const timestampOption: OptionRow = {
  flags: "--timestamp-ca <file>",
  words: "PEM file with the certificate that time-stamps must lead to; repeatable, beside those of the settings",
  parse: (file, before = []) => [...(before as readonly AnchorPin[]), pinOf(file)],
}

/** Those of the flag, each of which is required to have stamped what is looked at. */
export function namedAuthorities(flags: Flags): readonly AnchorPin[] {
  return (flags["timestampCa"] as readonly AnchorPin[] | undefined) ?? []
}

/** Those of the settings, too, which are not required. A file that cannot be read checks nothing; status says so. */
export function pinnedAuthorities({ timestampAuthorities }: CommandContext, flags: Flags): readonly AnchorPin[] {
  const files = new Set(timestampAuthorities.map((text) => parseTimeStampAuthority(text).certificateFile))
  const ofSettings = [...files].flatMap((name) => {
    const certificates = readCertificates(name)
    return certificates ? [{ name, certificates, required: false }] : []
  })
  return [...ofSettings, ...namedAuthorities(flags)]
}

function pinOf(name: string): AnchorPin {
  const certificates = readCertificates(name)
  if (!certificates) throw new Fault("anchor.no-certificates", { file: name })
  return { name, certificates, required: true }
}
