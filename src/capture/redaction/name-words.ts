/**
 * The words that tell whether a field of that name holds a secret. Names are read as English reads compounds: the last word says what the thing
 * is (`token_count` counts, `max_tokens` bounds), the words before it say which.
 */
export type Noun = {
  readonly kind: string
  /** Single words, also at the end of words written together (`clientsecret`). */
  readonly words: readonly string[]
  /** Two words of which neither is a secret alone. */
  readonly pairs?: readonly (readonly [string, string])[]
  /** Numbers under such a name are secrets too. */
  readonly numeric?: true
}

/** What holds a secret. The first row that fits gives the kind. */
export const nouns: readonly Noun[] = [
  {
    kind: "password",
    words: [
      ...["password", "passwords", "passwd", "passwds", "pwd", "pswd", "passphrase", "passphrases", "passcode", "passcodes", "kennwort", "passwort"],
      ...["senha", "contrasena", "contraseña", "motdepasse", "mdp", "wachtwoord", "hasło", "пароль", "密码", "密碼", "パスワード", "비밀번호"],
    ],
    numeric: true,
  },
  {
    kind: "recovery-phrase",
    words: ["mnemonic", "mnemonics"],
    pairs: [
      ["seed", "phrase"],
      ["seed", "words"],
      ["recovery", "phrase"],
      ["recovery", "code"],
      ["recovery", "codes"],
      ["backup", "codes"],
    ],
  },
  {
    kind: "private-key",
    words: ["privatekey", "privkey", "privatekeys"],
    pairs: [
      ["private", "key"],
      ["priv", "key"],
      ["signing", "key"],
      ["wallet", "key"],
    ],
    numeric: true,
  },
  {
    kind: "api-key",
    words: ["apikey", "apikeys", "accesskey", "secretkey", "authkey"],
    pairs: [
      ...(["api", "app", "access", "secret", "account", "auth", "shared", "subscription", "service", "master", "encryption", "encrypt"] as const).map(keyOf),
      ...(["storage", "fernet", "consumer", "integration", "webhook", "hmac", "admin", "license", "licence", "deploy"] as const).map(keyOf),
    ],
    numeric: true,
  },
  { kind: "secret", words: ["secret", "secrets"], pairs: [["access", "signature"]], numeric: true },
  { kind: "jwt", words: ["jwt", "jwts"] },
  { kind: "token", words: ["token", "tokens", "bearer"] },
  { kind: "authorization", words: ["authorization", "auth"] },
  { kind: "credential", words: ["credential", "credentials", "creds", "cred"] },
  { kind: "cookie", words: ["cookie", "cookies"] },
]

function keyOf(word: string): readonly [string, string] {
  return [word, "key"]
}

/** Words that may stand behind the noun and change nothing. */
export const neutralTails: readonly string[] = [
  ...["value", "val", "text", "string", "str", "raw", "plain", "plaintext", "new", "old", "current", "previous", "prev", "next", "primary", "secondary"],
  ...["prod", "production", "dev", "development", "test", "testing", "staging", "stage", "live", "sandbox", "local", "backup", "default", "b64", "base64"],
  ...["hex", "encoded", "data", "confirmation", "confirm", "again", "repeat"],
]

/** Words that make the whole name a description of a secret, or a measure of one. */
export const describingTails: readonly string[] = [
  ...["id", "ids", "name", "names", "type", "types", "kind", "kinds", "count", "counts", "counter", "length", "len", "size", "sizes", "limit", "limits"],
  ...["usage", "used", "url", "urls", "uri", "uris", "link", "path", "paths", "file", "files", "filename", "dir", "directory", "folder", "at", "time"],
  ...["date", "expiry", "expires", "expiration", "expire", "exp", "ttl", "age", "lifetime", "timeout", "alg", "algorithm", "algo", "issuer", "audience"],
  ...["scope", "scopes", "provider", "providers", "method", "methods", "mode", "modes", "status", "state", "strategy", "policy", "policies", "version"],
  ...["format", "prefix", "suffix", "label", "title", "description", "desc", "hint", "hints", "help", "field", "fields", "column", "input", "required"],
  ...["optional", "enabled", "disabled", "present", "configured", "valid", "invalid", "verified", "error", "errors", "message", "reason", "endpoint"],
  ...["server", "host", "hostname", "port", "domain", "user", "username", "email", "arn", "ref", "refs", "reference", "manager", "store", "storage"],
  ...["source", "sources", "process", "helper", "service", "client", "middleware", "guard", "handler", "controller", "module", "router", "route"],
  ...["context", "index", "position", "offset", "rate", "budget", "price", "cost", "window", "ratio", "second", "minute", "per", "strength", "rules"],
  ...["jar", "parser", "banner", "consent", "settings", "config", "options", "opts", "profile", "profiles", "order", "level", "flow", "plugin", "event"],
  ...["address", "symbol", "decimals", "contract", "mint", "balance", "amount", "supply", "metadata", "schema", "placeholder", "manager", "page"],
  ...[
    "header",
    "headers",
    "stdin",
    "prompt",
    "check",
    "reset",
    "change",
    "changed",
    "updated",
    "created",
    "rotated",
    "rotation",
    "days",
    "ms",
    "seconds",
    "env",
    "var",
  ],
  ...[
    "alphabet",
    "pattern",
    "regex",
    "regexp",
    "chars",
    "charset",
    "choice",
    "choices",
    "alias",
    "aliases",
    "target",
    "map",
    "kwargs",
    "args",
    "props",
    "cipher",
    "curve",
    "library",
    "lib",
    "package",
  ],
]

/** Words that, somewhere before the noun, make the name a question or a number. */
export const describingHeads: readonly string[] = [
  ...["has", "have", "is", "use", "uses", "using", "require", "requires", "required", "needs", "need", "allow", "allows", "show", "hide", "toggle", "no"],
  ...["without", "should", "forgot", "min", "max", "maximum", "minimum", "num", "total", "count", "validate", "supports", "include", "includes"],
]

/** Tokens that are no secrets: pieces of text, places in a list, marks of a model's vocabulary. */
export const harmlessTokens: readonly string[] = [
  ...["page", "next", "continuation", "cursor", "sync", "cancel", "cancellation", "start", "end", "stop", "eos", "bos", "pad", "unk", "mask", "sep", "cls"],
  ...["special", "word", "sub", "design", "color", "syntax", "lexer", "parser"],
]

/** Names of what only describes, inside an object that holds secrets. */
export const describingFields: readonly string[] = [
  ...["type", "name", "id", "kind", "provider", "method", "mode", "scheme", "path", "domain", "host", "url", "uri", "scope", "scopes", "status", "user"],
  ...["username", "login", "email", "account", "title", "label", "description", "format", "default", "example", "enum", "pattern", "message", "error"],
  ...["source", "region", "project", "env", "file", "key", "ref", "version", "samesite", "priority", "created", "updated", "expires", "region", "realm"],
]

/** Words before `KEY` that make a variable of that name a public one, or none of a lock at all. */
export const harmlessKeys: readonly string[] = [
  ...[
    "public",
    "publishable",
    "cache",
    "host",
    "site",
    "primary",
    "foreign",
    "partition",
    "sort",
    "row",
    "object",
    "storage",
    "idempotency",
    "session",
    "sort",
  ],
  ...["verifier", "verify", "registry", "config", "lookup", "index", "group", "map", "locale", "translation", "hot", "shortcut", "dedupe", "pub"],
]

/** Values that answer a question about a secret instead of being one. Lower case. */
export const ordinaryWords: ReadonlySet<string> = new Set([
  ...["string", "str", "number", "boolean", "bool", "bytes", "byte", "int", "integer", "any", "unknown", "object", "array", "null", "none", "nil"],
  ...["undefined", "true", "false", "void", "never", "text", "varchar", "char", "uuid", "date", "required", "optional", "mandatory", "forgotten", "yes"],
  ...["no", "on", "off", "ok", "valid", "invalid", "incorrect", "wrong", "missing", "changed", "updated", "expired", "revoked", "empty", "unset", "set"],
  ...["not set", "n/a", "hidden", "masked", "redacted", "removed", "enabled", "disabled", "include", "omit", "same-origin", "basic", "bearer", "digest"],
  ...["oauth", "oauth2", "oidc", "saml", "ldap", "sso", "api-key", "api_key", "apikey", "jwt", "session", "default", "auto", "manual", "static", "local"],
  ...["refresh", "access", "device", "loopback", "trusted-proxy", "tailscale", "cookie", "cookies", "header", "query", "body", "form", "key", "is", "was"],
  ...["and", "or", "with", "for", "from", "to", "the", "a", "an", "of", "in", "as", "must", "should", "will", "can", "cannot", "flag", "option", "value"],
  ...["argument", "here", "this", "that", "file", "env", "environment", "input", "output", "success", "failed", "failure", "error", "denied", "granted"],
  ...["example", "changeme", "change-me", "todo", "tbd", "dummy", "placeholder", "public", "private", "strict", "lax", "user", "admin", "needed", "available"],
  ...["once", "instead", "again", "when", "if", "then", "only", "also", "both", "not", "by", "via", "using", "at", "before", "after", "jwt-placeholder"],
])
