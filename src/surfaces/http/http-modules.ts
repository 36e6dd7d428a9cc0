/**
 * Node's modules for HTTP, loaded where they are first used. Importing them loads all of Node's fetch as well, which took a quarter of the time that a command
 * needs to begin, and nearly none of them speaks HTTP.
 */
import type Http from "node:http"
import type Https from "node:https"

export const http = (): typeof Http => process.getBuiltinModule("node:http")
export const https = (): typeof Https => process.getBuiltinModule("node:https")
