/**
 * A script that writes how much memory Asterisk's container uses and may use, for the agent: the agent is a container of its own, and sees
 * neither Asterisk's processes nor its control group. It is for bash, runs beside Asterisk, and writes the format of `memory`
 * in src/api/pod-files.ts into the file $0; $1 is where control groups are mounted, if not at the usual place.
 *
 * Not by the liveness probe: that comes every 20 seconds, in which a flood takes most of a gigabyte (45 MB a second,
 * measured). It starts no process, and looks once a second, or four times where half of the limit is used (0.02 % of a core
 * at rest, measured): bash waits by reading a pipe that never says anything. So short a text comes into a file at once, or
 * not at all. Memory of files (the log, recordings) counts for the limit as well, but the kernel takes it back when it is
 * needed, so it is left out.
 */
export const MEMORY_SCRIPT = `exec 2>/dev/null 9<> <(:)
root=\${1:-/sys/fs/cgroup}
if [[ -r $root/memory.current ]]; then
  now=$root/memory.current most=$root/memory.max all=
else
  root=$root/memory
  now=$root/memory.usage_in_bytes most=$root/memory.limit_in_bytes all=total_
fi
while read -r used < "$now" && read -r limit < "$most" && mapfile -t lines < "$root/memory.stat" &&
  [[ " \${lines[*]} " =~ " \${all}inactive_file "([0-9]+)" \${all}active_file "([0-9]+) ]]; do
  used=$((used - BASH_REMATCH[1] - BASH_REMATCH[2]))
  printf '%s %s\\n' "$((used > 0 ? used : 0))" "$limit" > "$0"
  pause=1
  [[ $limit != max ]] && ((used > limit / 2)) && pause=0.25
  read -rt "$pause" -u 9
done
`;
