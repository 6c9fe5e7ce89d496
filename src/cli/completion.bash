# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of vmcore-report. What options there are, and what they take, is asked of the
# program itself (--help, --list-plugins), so that nothing here can fall behind it.

# A line for each option: its letter ("-" for none), its name, and the word for its value, if any.
_vmcore_report_options()
{
	local line
	while IFS= read -r line; do
		if [[ $line =~ ^\ +((-[a-zA-Z]),\ )?(--[a-z0-9-]+)(\ ([^\ ]+))?(\ \ .*)?$ ]]; then
			printf '%s %s %s\n' "${BASH_REMATCH[2]:--}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[5]}"
		fi
	done < <("$1" --help 2>/dev/null)
}

# The names of plugins, those that don't run among them; with -k their options instead.
_vmcore_report_plugins()
{
	local line wanted=plugins
	while IFS= read -r line; do
		case $line in
		*options*:) wanted=options ;;
		*plugins*:) wanted=plugins ;;
		esac
		if [[ $wanted == plugins && -z $2 && $line =~ ^\ ([a-z][a-z0-9_]*)(\ |$) ]]; then
			printf '%s\n' "${BASH_REMATCH[1]}"
		elif [[ $wanted == options && -n $2 && $line =~ ^\ ([a-z][a-z0-9_]*\.[a-z0-9_-]+)\  ]]; then
			printf '%s=\n' "${BASH_REMATCH[1]}"
		fi
	done < <("$1" --list-plugins 2>/dev/null)
}

# Words of $2 that $1, perhaps a list with commas, may end in.
_vmcore_report_list()
{
	local before=
	if [[ $1 == *,* ]]; then
		before=${1%,*},
	fi
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$2" -- "${1##*,}")
	compopt -o nospace 2>/dev/null
}

# Names of files or (-d) folders that begin with $2; more may follow a folder's.
_vmcore_report_paths()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# The value of an option that --help calls $3 a word for; $2 is what there is of it.
_vmcore_report_value()
{
	local program=$1 current=$2 value=$3 option=$4
	case $value in
	*PATH | *FILE)
		_vmcore_report_paths -f "$current"
		;;
	*DIR)
		_vmcore_report_paths -d "$current"
		;;
	*=VALUE)
		_vmcore_report_list "$current" "$(_vmcore_report_plugins "$program" -k)"
		;;
	LIST)
		if [[ $option == *plugins ]]; then
			_vmcore_report_list "$current" "$(_vmcore_report_plugins "$program" "")"
		fi
		;;
	*\|*)
		mapfile -t COMPREPLY < <(compgen -W "$(tr '|' '\n' <<<"$value" | grep -v '[A-Z]')" -- "$current")
		;;
	esac
}

_vmcore_report()
{
	local program=$1 current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local letter name value words=()

	COMPREPLY=()
	program=${program/#\~/$HOME}
	# "--name=value" comes as three words.
	if [[ $current == = ]]; then
		current=
	elif [[ $previous == = && $COMP_CWORD -ge 2 ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	while read -r letter name value; do
		words+=("$name")
		if [[ $letter != - ]]; then
			words+=("$letter")
		fi
		if [[ -n $value && ($previous == "$name" || $previous == "$letter") ]]; then
			_vmcore_report_value "$program" "$current" "$value" "$name"
			return
		fi
	done < <(_vmcore_report_options "$program")
	# All that isn't an option belongs to one.
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$current")
}

complete -F _vmcore_report vmcore-report
