/** Words that patterns have in common. */
export const groups: Readonly<Record<string, string>> = {
  shell: "sh|bash|zsh|dash|ksh|ash|csh|tcsh",
  script: "python|python2|python3|perl|ruby|node|php|lua|iex|pwsh|deno|bun",
  fetch: "curl|wget|fetch|http|https|ftp|lwp|aria2c",
  starts: "exec|execute|system|spawn|popen|proc_open|shell_exec|passthru|execsync|spawnsync|call|command",
  up: "curl|wget|nc|ncat|netcat|telnet|tftp|scp|sftp|rsync|socat|s_client|requests|urlopen|fetch|post|sendmail|mailx|mutt|mail|rclone",
  keys: "id_rsa|id_ed25519|id_ecdsa|id_dsa|shadow|.netrc|.npmrc|.pypirc|.pgpass",
  sensitive: "@keys|.ssh|.aws|.gnupg|.kube|.docker|.env|.bash_history|.zsh_history|environ|passwd|.mozilla|.openclaw|.config",
  reads: "cat|less|more|head|tail|strings|bat|tac|nl|xxd|base64|od|hexdump",
  blockDevice: "sda|sdb|sdc|nvme*|hda|vda|mmcblk*|disk0|disk1",
  limits: "restriction*|filter*|guideline*|limitation*|rules|limits|ethic*|moral*|censorship|safeguard*",
}
