/** Programs of a shell, by what they do with the paths they are given. One that is not listed is taken to read them. */

/** Their words are said, not opened, or opened on another machine. */
export const speaking: ReadonlySet<string> = new Set([
  ...["echo", "printf", "true", "false", "say", "logger", "notify-send", "alias", "sleep", "date", "read", "local", "return", "exit", "expr", "seq"],
  ...["basename", "dirname", "ssh", "mosh", "autossh", "which", "whereis", "type", "hash", "help", "man", "tldr", "whatis", "apropos"],
])

/** Run the command that follows their own flags. With the flags that take a value, and the count of words of their own. */
export const wrappers: ReadonlyMap<string, { readonly valued: string; readonly own?: number }> = new Map([
  ["sudo", { valued: "ugpCrth" }],
  ["doas", { valued: "uC" }],
  ["nohup", { valued: "" }],
  ["nice", { valued: "n" }],
  ["ionice", { valued: "cnp" }],
  ["timeout", { valued: "ks", own: 1 }],
  ["time", { valued: "fo" }],
  ["stdbuf", { valued: "ioe" }],
  ["exec", { valued: "a" }],
  ["command", { valued: "" }],
  ["builtin", { valued: "" }],
  ["setsid", { valued: "" }],
  ["busybox", { valued: "" }],
  ["env", { valued: "uCS" }],
  ["xargs", { valued: "IdnPLEsa" }],
  ["flock", { valued: "wE", own: 1 }],
  ["chroot", { valued: "", own: 1 }],
  ["unshare", { valued: "" }],
  ["npx", { valued: "p" }],
  ["bunx", { valued: "" }],
])

export const shells: ReadonlySet<string> = new Set(["sh", "bash", "zsh", "dash", "ksh", "fish", "ash"])

/** Programs that run code given on their command line or their standard input. */
export const interpreters = /^(?:python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|tsx|ts-node|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|osascript|awk|gawk|mawk)$/
export const codeFlags = /^(?:-[a-zA-Z]*[cepr]|-[eE].*|--eval|--print|--command|-pe|-ne|-lane|-rne|eval)$/

/** Change what they are given. */
export const changing: ReadonlySet<string> = new Set([
  ...["rmdir", "unlink", "shred", "truncate", "touch", "mkdir", "mkfifo", "tee", "sponge", "ed", "ex", "vi", "vim", "nvim", "nano", "emacs", "pico", "patch"],
  ...["chattr", "setfacl", "setfattr", "mount", "umount", "fallocate", "split", "gpg-zip", "srm", "wipe", "trash", "trash-put"],
])

/** Change a whole directory when they are given one, and all that is in it with `-R`. */
export const owning: ReadonlySet<string> = new Set(["chmod", "chown", "chgrp", "rm", "mv", "rename", "trash", "trash-put", "mount", "umount", "chattr"])

/** Look into every file below a directory without being told to. */
export const searchingAlways: ReadonlySet<string> = new Set(["rg", "ag", "ack", "ugrep", "fzf"])
export const searching: ReadonlySet<string> = new Set([...searchingAlways, "grep", "egrep", "fgrep", "zgrep"])

/** Show a directory's contents; all below it with `-R`. */
export const listing: ReadonlySet<string> = new Set(["ls", "dir", "exa", "eza", "lsd", "tree", "du"])

/** Take a whole directory along. */
export const copying: ReadonlySet<string> = new Set([
  "cp",
  "rsync",
  "scp",
  "tar",
  "zip",
  "cpio",
  "ditto",
  "install",
  "ln",
  "pax",
  "borg",
  "restic",
  "rclone",
  "duplicity",
  "aws",
  "gsutil",
  "s3cmd",
  "azcopy",
  "7z",
  "rar",
])

/** Begin a command of the shell's own language, and are no program. */
export const keywords: ReadonlySet<string> = new Set(["if", "then", "elif", "else", "do", "while", "until", "!", "{", "}", "time", "coproc", "&&"])
export const endings: ReadonlySet<string> = new Set(["fi", "done", "esac", "function", "case", "select"])
