# Turns the files of data/hosts into rows of net_presets (src/spec/net_preset.c): "awk -f hosts.awk FILE...".
# A line is a rule, empty, or a comment; the comment "# why: ..." says what the preset is for.

function fail(what) {
	print FILENAME ":" FNR ": " what >"/dev/stderr"
	failed = 1
	exit 1
}

function end_row() {
	if (name == "")
		return
	if (why == "" || rules == "")
		fail("the preset " name " wants a '# why: ...' and a rule")
	print "\t{ \"" name "\", (const char *const[]){" rules " NULL }, \"" why "\" },"
}

FNR == 1 {
	end_row()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.hosts$/, "", name)
	why = rules = ""
}

/["\\]/ { fail("a quote or a backslash") }
/^# why: / { why = substr($0, 8); next }
/^#/ || /^$/ { next }
{ rules = rules " \"" $0 "\"," }

END {
	if (!failed)
		end_row()
	exit failed
}
