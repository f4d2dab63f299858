#!/usr/bin/env bash
# Holds the layers of docs/architecture.md: who may include whom, and what pure code may call.
#
#     tests/layers.sh [SOURCE_DIR] [BUILD_DIR]
#
# By default the tree it is called in and $CSB_BUILD, as meson does.
#
# Names every violation, by file and header or symbol, and then fails. It cannot see calls
# through pointers; no function pointer to an effect may be handed to a pure layer.
set -euo pipefail
export LC_ALL=C

readonly source_dir=${1:-.}
readonly build_dir=${2:-${CSB_BUILD:?the build directory}}

# A layer may include itself and what stands here, and nothing else.
declare -rA may_include=(
	[launch]='run host border plan spec base'
	[manager]='host plan spec base'
	[remote]='base'
	[egress]='spec base'
	[wayland]='base'
	[clipboard]='base'
	[sound]='base'
	[bus]='spec base'
	[init]='base'
	[container]='base'
	[probe]=''
	[stub]='base'
	[guest]='base'
	[run]='border plan spec base'
	[border]='spec base'
	[host]='spec base'
	[plan]='spec base'
	[spec]='base'
	[base]=''
)

# Layers whose objects may only compute, and the files of base that are there to have effects.
readonly pure_layers='base spec plan'
readonly base_effects='clock confine flow io packet proc proc_adopt proc_aside proc_child proc_fork proc_output proc_overlay wire'

# All that pure code may call outside its own layers. A function that opens, reads, prints, asks
# the clock, the environment or the kernel has no place here, nor has one with hidden state.
readonly pure_calls='
	memchr memcmp memcpy memmem memmove mempcpy memrchr memset rawmemchr
	stpcpy stpncpy strcasecmp strchr strchrnul strcmp strcspn strdup strerrordesc_np
	strerrorname_np strlen strncasecmp strncmp strndup strnlen strpbrk strrchr strsep strspn
	strstr strtok_r sigabbrev_np
	asprintf snprintf vasprintf vsnprintf
	strtoimax strtol strtoll strtoul strtoull strtoumax
	bsearch qsort qsort_r
	__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc isalnum isalpha isdigit isxdigit
	tolower toupper
	fnmatch htons inet_ntop inet_pton
	getopt_long optarg opterr optind optopt
	calloc free malloc realloc reallocarray
	abort __assert_fail __errno_location
	__stack_chk_fail _GLOBAL_OFFSET_TABLE_
	nettle_base16_encode_update nettle_sha256_digest nettle_sha256_init nettle_sha256_update'

# jansson computes, apart from these.
readonly impure_jansson='json_dump_callback json_dump_file json_dumpf json_dumpfd
	json_load_callback json_load_file json_loadf json_loadfd'

# Headers of libc and kernel; every other <header> is third-party.
readonly libc_headers='alloca assert ctype dirent dlfcn elf endian err errno fcntl fnmatch fts ftw getopt glob grp
	inttypes libgen limits link locale math netdb paths poll pthread pty pwd sched signal
	spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string
	strings syscall syslog termios time uchar unistd utmp wchar'

n_violations=0

violation() {
	echo "layers: $*"
	n_violations=$((n_violations + 1))
}

contains() {
	[[ " ${1//[[:space:]]/ } " == *" $2 "* ]]
}

# "FILE HEADER" for each #include; the header keeps its quotes or angle brackets.
all_includes() {
	(cd "$source_dir/src" && grep -rEo --include='*.[ch]' \
		'^[[:space:]]*#[[:space:]]*include[[:space:]]*("[^"]*"|<[^>]*>)' .) |
		sed -E 's|^\./([^:]*):[^"<]*|\1 |'
}

check_own_include() {
	local file=$1 header=$2
	local from=${file%%/*} to=${header%%/*}

	if [[ ! -v may_include[$from] ]]; then
		violation "src/$file: '$from' is not a layer of the table in tests/layers.sh"
	elif [[ ! -v may_include[$to] || $header == *..* ]]; then
		violation "src/$file includes \"$header\": the path must begin with a layer"
	elif [[ $to != "$from" ]] && ! contains "${may_include[$from]}" "$to"; then
		violation "src/$file includes \"$header\": $from may only include: ${may_include[$from]:-nothing}"
	fi
}

is_libc() {
	case $1 in
	sys/capability.h) false ;;
	sys/* | linux/* | asm/* | net/* | netinet/* | netpacket/* | arpa/*) true ;;
	*) contains "$libc_headers" "${1%.h}" ;;
	esac
}

# One module (a .c and its .h) per library: to replace or to review a library is to open one file.
check_third_party() {
	local file=$1 header=$2
	local library=${header%%/*} module=${file%.[ch]}

	# JSON is read, and X is spoken, in more than one place, so these belong to a whole layer.
	[[ $library != jansson.h && $library != xcb ]] || module=${file%%/*}
	# Of libsystemd, the launcher's loading of it and our end of D-Bus have nothing in common.
	[[ $file != bus/* ]] || library+=' of bus' module=bus
	: "${module_of[$library]:=$module}"
	[[ ${module_of[$library]} == "$module" ]] ||
		violation "src/$file includes <$header>: that library belongs to src/${module_of[$library]}"
}

check_includes() {
	local -A module_of=()
	local file header n_includes=0

	while read -r file header; do
		n_includes=$((n_includes + 1))
		if [[ $header == '"'* ]]; then
			check_own_include "$file" "${header//\"/}"
		elif header=${header//[<>]/} && ! is_libc "$header"; then
			check_third_party "$file" "$header"
		fi
	done < <(all_includes | sort)
	((n_includes > 0)) || violation "no #include found below $source_dir/src"
}

# "LAYER FILE TYPE SYMBOL" for each symbol of a layer's archive; FILE is without its suffix, and
# a function's fortified variant (__open_chk) is that function.
layer_symbols() {
	local layer=$1 archive
	archive=$(find "$build_dir" -name "libcsb_$layer.a" -print -quit)
	[[ -n $archive ]] || return 0
	nm -A -P "$archive" 2>/dev/null |
		sed -nE "s|^[^[]*\[([^]]*/)?(src_)?(${layer}_)?([^]/.]*)(\.c)?\.o\]: ([^ ]+) (.).*|$layer \4 \7 \6|p" |
		sed -E 's/ __(isoc99_|isoc23_)?([^ ]+)_chk$/ \2/'
}

is_pure_file() {
	[[ $1 != base ]] || ! contains "$base_effects" "$2"
}

may_call() {
	local symbol=$1
	case $symbol in
	json_*) if contains "$impure_jansson" "$symbol"; then return 1; fi ;;
	*) contains "$pure_calls" "$symbol" ;;
	esac
}

check_symbols() {
	local -A pure=() seen=()
	local layer file type symbol table

	table=$(for layer in $pure_layers; do layer_symbols "$layer"; done)
	while read -r layer file type symbol; do
		[[ -n $layer ]] || continue
		seen[$layer]=1
		[[ $type == [A-TV-Z] ]] && is_pure_file "$layer" "$file" && pure[$symbol]=1
	done <<<"$table"
	for layer in $pure_layers; do
		[[ -v seen[$layer] ]] || violation "no libcsb_$layer.a with symbols below $build_dir"
	done
	while read -r layer file type symbol; do
		[[ $type == [Uw] && ! -v pure[$symbol] ]] || continue
		is_pure_file "$layer" "$file" || continue
		may_call "$symbol" ||
			violation "src/$layer/$file.c calls $symbol, which is not on the list of pure functions"
	done <<<"$table"
}

check_includes
check_symbols
((n_violations == 0)) || exit 1
echo "layers: includes and symbols are as they should be"
