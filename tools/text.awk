# Turns files into strings of C: "awk -f text.awk FILE..." gives "static const char chromium_sh[] = ...;" for data/browser/chromium.sh.

function name_of(path) {
	sub(/.*\//, "", path)
	gsub(/[^A-Za-z0-9]/, "_", path)
	return path
}

FNR == 1 { printf "%sstatic const char %s[] =\n", NR == 1 ? "" : "\t;\n", name_of(FILENAME) }

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}

END { print "\t;" }
