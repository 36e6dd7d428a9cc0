/**
 * Which addresses a web hook may be at: those of the public Internet, unless its operator lets it be nearer. What is not plainly public is not: private and
 * link-local networks, loopback, unique local addresses, those that carry another address in them, and what is reserved (IANA's registries of special addresses).
 */
import ipaddr from "ipaddr.js"

/** Addresses of clouds for their own machines that no range says (Azure's). */
const ofClouds: ReadonlySet<string> = new Set(["168.63.129.16"])
/** The first three bits of all addresses of version 6 that are given out (2000::/3, RFC 4291). */
const given = 0x2000

export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== "unicast" || ofClouds.has(parsed.toString())) return false
  return parsed instanceof ipaddr.IPv4 || ((parsed.parts[0] ?? 0) & 0xe000) === given
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback"
}
