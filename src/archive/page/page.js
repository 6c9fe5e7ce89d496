// SPDX-License-Identifier: GPL-2.0-or-later
// Draws the page from the data in it. Whatever comes from the dump goes through text(): it becomes
// a text node, never markup.
'use strict';

(() => {
	const CHUNK = 200;
	const data = JSON.parse(document.getElementById('data').textContent);
	const part = (path) => (Object.keys(data.parts).includes(path) ? data.parts[path] : null);
	const partObject = (path) => {
		try {
			return Object(JSON.parse(part(path)) || {});
		} catch {
			return {};
		}
	};
	const overview = partObject('plugins/overview/overview.json');
	const kernel = partObject('plugins/kernel_info/kernel_info.json');

	// ---- Elements ----

	// Control characters, those that turn the text around them and the like, as their numbers.
	const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
	const visible = (value) =>
		String(value).replace(UNSEEN, (c) => {
			const code = c.codePointAt(0);
			if (c === '\n' || c === '\t')
				return c;
			return code < 256 ? '\\x' + code.toString(16).padStart(2, '0') : '\\u' + code.toString(16);
		});
	const text = (value) => document.createTextNode(visible(value));

	const fill = (element, children) => {
		for (const child of children.flat()) {
			if (child !== null && child !== undefined && child !== false)
				element.append(child instanceof Node ? child : text(child));
		}
		return element;
	};
	const setAll = (element, attributes) => {
		for (const [name, value] of Object.entries(attributes))
			element.setAttribute(name, value);
		return element;
	};
	const h = (tag, attributes, ...children) =>
		fill(setAll(document.createElement(tag), attributes || {}), children);
	const s = (tag, attributes, ...children) =>
		fill(setAll(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes || {}), children);

	const section = (id) => document.getElementById(id);
	const show = (id, ...children) => {
		fill(section(id), children).hidden = false;
	};

	// ---- Numbers ----

	const count = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many || one + 's'}`;
	const kib = (kb) => {
		const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
		let unit = 0;
		while (kb >= 1024 && unit < units.length - 1) {
			kb /= 1024;
			unit++;
		}
		return `${kb >= 100 || unit === 0 ? Math.round(kb) : kb.toFixed(1)}\u00a0${units[unit]}`;
	};
	const percent = (of, all) => {
		const p = all > 0 ? (of / all) * 100 : 0;
		return p > 0 && p < 0.1 ? '<\u00a00.1\u00a0%' : `${p.toFixed(p < 10 ? 1 : 0)}\u00a0%`;
	};
	const duration = (seconds) => {
		const sec = Math.floor(seconds);
		if (seconds < 10)
			return `${seconds.toFixed(seconds < 1 ? 3 : 1)} s`;
		if (sec < 60)
			return `${sec} s`;
		if (sec < 3600)
			return `${Math.floor(sec / 60)} min ${sec % 60} s`;
		if (sec < 86400)
			return `${Math.floor(sec / 3600)} h ${Math.floor(sec / 60) % 60} min`;
		return `${count(Math.floor(sec / 86400), 'day')} ${Math.floor(sec / 3600) % 24} h`;
	};

	const date = (iso) => iso && iso.replace('T', ' ').replace('Z', ' UTC');

	// ---- Files ----

	const folders = []; // [path, names]
	const names = data.shapes.map((shape) => shape.split('/'));
	for (let i = 0; i < data.folders.length; i += 2)
		folders.push([data.folders[i], names[data.folders[i + 1]]]);
	const join = (folder, name) => (folder ? `${folder}/${name}` : name);

	const listed = new Map(folders.map(([path, list]) => [path, new Set(list)]));
	const has = (path) => {
		const slash = path.lastIndexOf('/');
		const list = listed.get(slash < 0 ? '' : path.slice(0, slash));
		return Boolean(list && list.has(path.slice(slash + 1)));
	};
	const href = (path) => '../' + path.split('/').map(encodeURIComponent).join('/');
	const link = (path, label) => h('a', { href: href(path) }, label === undefined ? path : label);
	// Links to those of the files that the report has.
	const more = (...paths) => {
		const links = paths.filter(has).flatMap((path) => [', ', link(path)]);
		return links.length ? h('p', { class: 'note' }, 'More: ', links.slice(1)) : null;
	};

	// The paths of a group of problems: its pattern with each set of numbers put in.
	const pathsOf = (problem) => {
		if (problem.keys === undefined)
			return [problem.path];
		const pieces = problem.path.split('*');
		return problem.keys.split(' ').map((key) => {
			const numbers = key.split(',');
			return pieces.map((piece, i) => (i ? numbers[i - 1] : '') + piece).join('');
		});
	};
	const problemAt = new Map(); // by path; made when first needed
	const problems = () => {
		if (!problemAt.size)
			for (const problem of data.problems)
				for (const path of pathsOf(problem))
					problemAt.set(path, problem);
		return problemAt;
	};

	// ---- In short ----

	const who = (task) => {
		if (!task || task.comm === undefined)
			return null;
		const of = task.tgid === undefined ? '' : `, of process ${task.tgid}`;
		return [h('bdi', {}, task.comm === '' ? '(no name)' : task.comm), ` (pid ${task.pid}${of})`];
	};
	const to = (id, ...label) => h('a', { href: '#' + id }, ...label);

	const meminfo = {};
	for (const line of (part('proc/meminfo') || '').split('\n')) {
		const match = /^([^:]+):\s+(\d+) kB$/.exec(line);
		if (match)
			meminfo[match[1]] = Number(match[2]);
	}
	// "some avg10=0.00 avg60=..." of proc/pressure/<what>
	const pressure = (what) => {
		const found = {};
		for (const line of (part('proc/pressure/' + what) || '').split('\n')) {
			const match = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+)/.exec(line);
			if (match)
				found[match[1]] = match.slice(2).map(Number);
		}
		return found;
	};

	const modules = [];
	for (const line of (part('proc/modules') || '').split('\n')) {
		const match = /^(\S+) (\d+) .*?(?: \((\w+)[+-]?\))?\s*$/.exec(line);
		if (match)
			modules.push({ name: match[1], taints: match[3] || '' });
	}
	const tainting = modules.filter((m) => m.taints);
	const flagName = (flag) =>
		flag.name ? flag.name.replace(/^TAINT_/, '').replace(/_/g, ' ').toLowerCase() : `bit ${flag.bit}`;

	const fact = (name, ...value) => {
		if (value.flat().some((v) => v !== null && v !== undefined))
			section('fact-list').append(h('div', {}, h('dt', {}, name), h('dd', {}, ...value)));
	};

	const drawFacts = () => {
		const { panic = {}, tasks = {} } = overview;
		const times = kernel.times || {};
		const taints = kernel.taints;
		if (times.uptime_seconds !== undefined)
			fact('Up', duration(times.uptime_seconds));
		if (panic.cpu !== undefined)
			fact('Task', ...(who(panic) ? [who(panic), ', '].flat() : []), `CPU\u00a0${panic.cpu}`);
		if (tasks.blocked_total !== undefined)
			fact('Blocked', tasks.blocked_total
				? to('blocked', count(tasks.blocked_total, 'task') + ' in state D')
				: 'no task', ` of ${tasks.total.toLocaleString('en')}`);
		if (meminfo.MemTotal && meminfo.MemAvailable !== undefined) {
			const low = meminfo.MemAvailable * 20 < meminfo.MemTotal;
			const some = pressure('memory').some;
			fact('Memory', h('span', low ? { class: 'bad' } : {}, kib(meminfo.MemAvailable), ' available'),
				` of ${kib(meminfo.MemTotal)} (${percent(meminfo.MemAvailable, meminfo.MemTotal)})`,
				some && some[0] > 0 ? `; stalled ${some[0]}\u00a0% of the last 10\u00a0s` : '');
		}
		if (part('proc/loadavg'))
			fact('Load', part('proc/loadavg').split(' ').slice(0, 3).join(', '),
				kernel.cpus && overview.cpus_total ? ` on ${count(overview.cpus_total, 'CPU')}` : '');
		if (taints)
			fact('Tainted', taints.flags.length
				? taints.flags.map((f) => `${f.letter} (${flagName(f)})`).join(', ') : 'no',
			tainting.length ? [' by ', h('bdi', {}, tainting.map((m) => m.name).slice(0, 8).join(', ')),
				tainting.length > 8 ? ` and ${tainting.length - 8} more modules` : ''] : '');
		if (overview.hardware)
			fact('Hardware', overview.hardware);
		fact('Report', to('files', count(data.ok + data.partial, 'file')),
			data.partial ? [', ', to('missing', `${data.partial.toLocaleString('en')} partial`)] : '',
			data.omitted ? [', ', to('missing', `${data.omitted.toLocaleString('en')} not there`)] : '');
	};

	const drawAlerts = () => {
		for (const alert of data.alerts)
			section('alerts').append(h('li', {}, h('bdi', {}, alert.text), h('span', { class: 'soft' }, ` (${alert.name})`)));
		section('alerts').hidden = !data.alerts.length;
	};

	// ---- Stacks ----

	// Of the frame above it.
	const isParameters = (symbol) => /^ +\S+=/.test(symbol);
	const frame = (symbol) => {
		if (isParameters(symbol))
			return [h('span', { class: 'at' }, symbol.trim())];
		const match = /^(\? )?([^+\s]+)(\+\S+)?( \[[^\]]*\])?( \(.*\))?$/.exec(symbol);
		return match
			? [match[1] || '', h('b', {}, match[2]), h('span', { class: 'at' }, (match[3] || '') + (match[4] || '') + (match[5] || ''))]
			: [symbol];
	};
	const stack = (of, origin) => [
		of.frames && of.frames.length ? h('ol', { class: 'stack' }, of.frames.map((symbol, i) =>
			h('li', isParameters(symbol) ? { class: 'parameters' }
				: origin && i < origin ? { class: 'before' } : origin === i && origin > 0 ? { class: 'origin' } : {},
				...frame(symbol)))) : null,
		of.note ? h('p', { class: 'note' }, of.note) : null,
	];

	// The first function that isn't the scheduler's own: what the task waits in.
	const waitsIn = (of) => {
		const symbol = of && of.frames.find((f) => !/^(\? |(__)?(io_|preempt_)?schedule)| \(inlined\)$/.test(f));
		return symbol ? [' in ', h('span', { class: 'mono' }, symbol.replace(/[+ ].*/, ''))] : [];
	};

	const drawPanic = () => {
		const { panic } = overview;
		if (!panic || !panic.stack)
			return;
		const { stack: of } = panic;
		if (!of.frames.length && !of.note)
			return;
		show('panic', stack(of, of.origin),
			of.origin ? h('p', { class: 'note' }, 'Marked: where the panic came from. Above it the panic’s own functions.') : null,
			more('plugins/panic_summary/summary.txt', 'plugins/panic_summary/panic.json'));
	};

	const drawBlocked = () => {
		const { tasks } = overview;
		if (!tasks || !tasks.blocked_total)
			return;
		const groups = new Map();
		for (const task of tasks.blocked) {
			const key = task.stack === undefined ? -1 : task.stack;
			groups.set(key, [...(groups.get(key) || []), task]);
		}
		const sorted = [...groups].sort(([, a], [, b]) =>
			Math.max(...b.map((t) => t.seconds || 0)) - Math.max(...a.map((t) => t.seconds || 0)));
		show('blocked', h('p', { class: 'note' },
			'Tasks in uninterruptible sleep (state D), those with the same stack together, the longest wait first.'),
		h('div', { class: sorted.length > 1 ? 'columns' : '' }, sorted.map(([key, members], i) => {
			members.sort((a, b) => (b.seconds || 0) - (a.seconds || 0));
			const longest = members[0].seconds;
			return h('details', i < 8 ? { class: 'group', open: '' } : { class: 'group' },
				h('summary', {}, members.length === 1 ? who(members[0]) : count(members.length, 'task'), waitsIn(tasks.stacks[key]),
					longest === undefined ? '' : `, ${members.length === 1 ? '' : 'up to '}${duration(longest)} since it last ran`),
				members.length > 1 ? h('p', { class: 'note' }, members.slice(0, 40).flatMap((t, n) =>
					[n ? ', ' : '', ...who(t), t.seconds === undefined ? '' : ` ${duration(t.seconds)}`]),
				members.length > 40 ? ` and ${members.length - 40} more` : '') : null,
				key >= 0 ? stack(tasks.stacks[key]) : h('p', { class: 'note' }, 'The stack is not listed here.'));
		})),
		tasks.blocked_total > tasks.blocked.length
			? h('p', { class: 'note' }, `${count(tasks.blocked_total - tasks.blocked.length, 'more blocked task')} not listed here.`) : null,
		more('plugins/stacks/stacks.txt', 'plugins/tasks/tasks.txt'));
	};

	// ---- Memory ----

	const bar = (cls, label, values) => {
		const all = values.reduce((sum, [, value]) => sum + value, 0) || 1;
		const svg = s('svg', { class: cls, viewBox: '0 0 1000 20', preserveAspectRatio: 'none', role: 'img', 'aria-label': visible(label) });
		let x = 0;
		for (const [color, value, title] of values) {
			const width = (value / all) * 1000;
			if (width > 0)
				svg.append(s('rect', { class: color, x: x.toFixed(2), y: 0, width: width.toFixed(2), height: 20 }, s('title', {}, title || '')));
			x += width;
		}
		return svg;
	};
	const swatch = (color) =>
		s('svg', { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' }, s('rect', { class: color, width: 10, height: 10 }));

	const drawMemory = () => {
		const m = new Proxy(meminfo, { get: (of, name) => of[name] || 0 });
		if (!m.MemTotal)
			return;
		const segments = [
			['Anonymous memory of processes', 'AnonPages', m.AnonPages],
			['Page cache (files)', 'Cached + Buffers − Shmem', Math.max(0, m.Cached + m.Buffers - m.Shmem)],
			['Shared memory, tmpfs', 'Shmem', m.Shmem],
			['Slab, unreclaimable', 'SUnreclaim', m.SUnreclaim],
			['Slab, reclaimable', 'SReclaimable', m.SReclaimable],
			['Kernel stacks, page tables, per-CPU', 'KernelStack + PageTables + SecPageTables + Percpu',
				m.KernelStack + m.PageTables + m.SecPageTables + m.Percpu],
			['Huge pages set aside', 'Hugetlb', m.Hugetlb],
		];
		const known = segments.reduce((sum, [, , kb]) => sum + kb, m.MemFree);
		segments.push(['Not accounted for (vmalloc, drivers, …)', 'the rest', Math.max(0, m.MemTotal - known)]);
		segments.push(['Free', 'MemFree', m.MemFree]);
		const rows = segments.map(([name, field, kb], i) => [`f${i}`, name, field, kb]).filter(([, , , kb]) => kb > 0);
		const figures = [];
		if (m.SwapTotal)
			figures.push(['Swap used', `${kib(m.SwapTotal - m.SwapFree)} of ${kib(m.SwapTotal)} (${percent(m.SwapTotal - m.SwapFree, m.SwapTotal)})`]);
		else if (meminfo.SwapTotal === 0)
			figures.push(['Swap', 'none']);
		figures.push(['Available', `${kib(m.MemAvailable)} (${percent(m.MemAvailable, m.MemTotal)})`]);
		figures.push(['Dirty, under writeback', `${kib(m.Dirty)}, ${kib(m.Writeback)}`]);
		if (m.CommitLimit)
			figures.push(['Committed', `${kib(m.Committed_AS)}, limit ${kib(m.CommitLimit)}`]);
		for (const [name, what] of [['memory', 'Stalled for memory'], ['io', 'Stalled for I/O'], ['cpu', 'Waiting for a CPU']]) {
			const { some, full } = pressure(name);
			if (some)
				figures.push([what, `some ${some.join(', ')}\u00a0%` + (full ? `; all ${full.join(', ')}\u00a0%` : '')]);
		}
		show('memory',
			bar('memory', `Memory: ${rows.map(([, name, , kb]) => `${name} ${percent(kb, m.MemTotal)}`).join(', ')}`,
				rows.map(([color, name, , kb]) => [color, kb, `${name}: ${kib(kb)}`])),
			h('div', { class: 'columns' },
				h('table', {}, h('caption', {}, `${kib(m.MemTotal)} in all`), h('tbody', {}, rows.map(([color, name, field, kb]) =>
					h('tr', {}, h('th', { scope: 'row', title: field }, swatch(color), name),
						h('td', { class: 'num' }, kib(kb)), h('td', { class: 'num' }, percent(kb, m.MemTotal)))))),
				h('div', {}, h('dl', {}, figures.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
					pressure('memory').some ? h('p', { class: 'note' }, 'Stalled, waiting: the share of the last 10, 60 and 300\u00a0s in which some task, or all of them, did.') : null)),
			more('proc/meminfo', 'proc/vmstat', 'proc/zoneinfo', 'proc/buddyinfo', 'proc/slabinfo', 'plugins/slab_info/slab_info.txt'));
	};

	// ---- CPUs ----

	const drawCpus = () => {
		const { cpus, tasks = {} } = overview;
		if (!cpus || !cpus.length)
			return;
		const most = Math.max(2, ...cpus.map((c) => c.running));
		const waits = cpus.some((c) => c.waiting !== undefined);
		const picture = (c) => bar('bars', `${c.running} runnable`, [['f0', c.running], ['track', most - c.running]]);
		const cells = () => {
			const columns = Math.min(64, Math.ceil(Math.sqrt(cpus.length * 4)));
			const lines = Math.ceil(cpus.length / columns);
			return s('svg', { viewBox: `0 0 ${columns * 10} ${lines * 10}`, role: 'img',
				'aria-label': `Runnable tasks of ${cpus.length} CPUs, at most ${most} on one` },
			cpus.map((c, i) => s('rect', { class: c.running ? 'f0' : 'track', 'fill-opacity': c.running ? (0.3 + 0.7 * (c.running / most)).toFixed(2) : 1,
				x: (i % columns) * 10 + 0.5, y: Math.floor(i / columns) * 10 + 0.5, width: 9, height: 9 },
			s('title', {}, `CPU ${c.cpu}: ${c.running} runnable, ${c.comm === undefined ? '' : visible(c.comm)}`))));
		};
		const table = () => h('div', { class: 'wide' }, h('table', {}, h('thead', {}, h('tr', {},
			['CPU', 'Runnable', '', 'Was running', ...(waits ? ['Longest wait'] : [])].map((t, i) => h('th', { scope: 'col', class: i < 2 ? 'num' : '' }, t)))),
		h('tbody', {}, cpus.map((c) => h('tr', {}, h('th', { scope: 'row', class: 'num' }, c.cpu), h('td', { class: 'num' }, c.running),
			h('td', { class: 'bar' }, picture(c)), h('td', {}, who(c)),
			waits ? h('td', {}, c.waiting === undefined ? '' : duration(c.waiting)) : null)))));
		const states = Object.entries(tasks.states || {}).map(([letter, n]) => `${n.toLocaleString('en')} ${letter}`);
		show('cpus', h('p', { class: 'note' }, 'Tasks on each CPU’s run queue, the one that was running among them',
			waits ? '; and how long the one that waited the longest had waited.' : '.'),
			cpus.length <= 64 ? table() : [h('p', { class: 'note' }, `Each square is a CPU: the darker, the more tasks were runnable on it, from none to ${most}.`),
				cells(), lazy('As a table', table)],
			overview.cpus_total > cpus.length ? h('p', { class: 'note' }, `${count(overview.cpus_total - cpus.length, 'more CPU')} not listed here.`) : null,
			states.length ? h('p', { class: 'note' }, `All tasks by state: ${states.join(', ')}.`) : null,
			more('sys/kernel/debug/sched/debug', 'proc/sched_debug', 'proc/stat', 'proc/interrupts'));
	};

	// ---- Machine, log ----

	const drawMachine = () => {
		const { uts = {}, times = {}, cpus = {}, taints, cmdline } = kernel;
		const rows = [];
		const row = (name, ...value) => {
			if (value.flat().some((v) => v !== undefined && v !== null && v !== ''))
				rows.push(h('div', {}, h('dt', {}, name), h('dd', {}, ...value)));
		};
		row('Kernel', uts.release);
		row('Version', uts.version);
		row('Architecture', uts.machine);
		row('Hardware', overview.hardware);
		row('Command line', cmdline === undefined ? null : h('code', {}, cmdline));
		row('Booted', date(times.boot_time));
		row('Crashed', date(times.crash_time));
		if (cpus.possible !== undefined)
			row('CPUs', `${cpus.present} present (${cpus.present_list}), ${cpus.possible} possible`);
		if (taints && taints.flags.length)
			row('Tainted', taints.flags.map((f) => `${f.letter}: ${flagName(f)}`).join(', '));
		if (modules.length)
			row('Modules', data.cut.includes('proc/modules') ? `more than ${modules.length}` : `${modules.length}`,
				tainting.length ? ['; tainting: ', h('bdi', {}, tainting.map((m) => `${m.name} (${m.taints})`).join(', '))] : '',
				has('proc/modules') ? [', ', link('proc/modules')] : '');
		if (rows.length)
			show('machine', h('dl', {}, rows), more('proc/cpuinfo', 'proc/mounts', 'proc/interrupts', 'sos_commands/kernel/lsmod'));
	};

	const drawLog = () => {
		const log = part('sos_commands/kernel/dmesg');
		if (!log)
			return;
		const pre = h('pre', { tabindex: 0 }, log.trimEnd().split('\n').slice(-60).join('\n'));
		show('log', pre, more('sos_commands/kernel/dmesg', 'sos_commands/kernel/dmesg_-T'));
		pre.scrollTop = pre.scrollHeight;
	};

	// ---- The list of files ----

	// A folded part whose contents are made when it is first opened.
	const lazy = (label, make, attributes) => {
		const details = h('details', attributes || {}, h('summary', {}, label));
		details.addEventListener('toggle', () => {
			if (details.open && details.children.length === 1)
				fill(details, [make()]);
		});
		return details;
	};
	// A list of which a chunk is shown at a time.
	const chunked = (list, items, make, size = CHUNK) => {
		let shown = 0;
		const button = h('button', { type: 'button' });
		const next = () => {
			fill(list, items.slice(shown, shown + size).map(make));
			shown = Math.min(items.length, shown + size);
			button.hidden = shown === items.length;
			button.textContent = `Show ${Math.min(size, items.length - shown)} of ${(items.length - shown).toLocaleString('en')} more`;
		};
		button.addEventListener('click', next);
		next();
		return [list, button];
	};

	const tag = (problem) => problem
		? h('span', { class: problem.status === 'omitted' ? 'tag bad' : 'tag' },
			`${problem.status === 'omitted' ? 'not there' : 'partial'}: ${problem.reason}`) : null;

	const tree = () => {
		const root = { folders: new Map(), files: [], total: 0 };
		for (const [path, list] of folders) {
			let node = root;
			node.total += list.length;
			for (const name of path ? path.split('/') : []) {
				if (!node.folders.has(name))
					node.folders.set(name, { folders: new Map(), files: [], total: 0 });
				node = node.folders.get(name);
				node.total += list.length;
			}
			node.files = list;
		}
		return root;
	};
	const fileItem = (path, label) => h('li', {}, link(path, label), tag(problems().get(path)));
	const folderItem = (path, name, node) => h('li', {}, lazy([`${name}/ `, h('span', { class: 'soft' }, count(node.total, 'file'))],
		() => folderList(path, node)));
	const folderList = (path, node, top) => {
		const entries = [...node.folders];
		// Processes among other folders, folded away.
		const numbered = top ? [] : entries.filter(([name]) => /^\d+$/.test(name));
		const fold = numbered.length > 20 && numbered.length < entries.length + node.files.length;
		const shown = fold ? entries.filter(([name]) => !/^\d+$/.test(name)) : entries;
		const items = [...shown.map(([name, of]) => [name, of]), ...node.files.map((name) => [name, null])];
		const list = h('ul', top ? { class: 'tree' } : {});
		const item = ([name, of]) => (of ? folderItem(join(path, name), name, of) : fileItem(join(path, name), name));
		if (fold)
			list.append(h('li', {}, lazy([`${path === 'proc' ? 'processes' : 'numbers'} `, h('span', { class: 'soft' }, count(numbered.length, 'folder'))],
				() => chunked(h('ul', {}), numbered, item))));
		return chunked(list, items, item);
	};

	let everything = null; // paths, those not there among them; made at the first search
	const allPaths = () => {
		if (!everything) {
			const there = folders.flatMap(([folder, list]) => list.map((name) => join(folder, name)));
			const omitted = [...problems()].filter(([, p]) => p.status === 'omitted').map(([path]) => path);
			everything = [...new Set([...there, ...omitted])];
		}
		return everything;
	};
	const find = (words, status) => {
		const at = problems();
		return allPaths().filter((path) => {
			const problem = at.get(path);
			if (status && (problem ? problem.status : 'ok') !== status)
				return false;
			const low = path.toLowerCase();
			return words.every((word) => low.includes(word));
		});
	};

	const drawFiles = () => {
		if (!folders.length)
			return;
		const input = h('input', { type: 'search', id: 'search', placeholder: 'Search, e.g. meminfo or 1/stack', autocomplete: 'off',
			spellcheck: 'false', 'aria-label': 'Search files by path', 'aria-controls': 'hits' });
		const select = h('select', { id: 'status', 'aria-label': 'Which files' }, [['', 'All files'], ['ok', 'Complete'], ['partial', 'Partial'], ['omitted', 'Not there']]
			.map(([value, label]) => h('option', { value }, label)));
		const said = h('p', { class: 'note', role: 'status', 'aria-live': 'polite' });
		const hits = h('div', { id: 'hits' });
		const all = h('div', {}, folderList('', tree(), true));
		const search = () => {
			const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
			const searching = words.length > 0 || select.value !== '';
			hits.replaceChildren();
			all.hidden = searching;
			said.textContent = '';
			if (!searching)
				return;
			const found = find(words, select.value);
			said.textContent = found.length ? count(found.length, 'file') : 'No file has that in its path.';
			fill(hits, chunked(h('ul', { class: 'hits' }), found, (path) => {
				const problem = problems().get(path);
				return problem && problem.status === 'omitted' ? h('li', {}, path, tag(problem)) : fileItem(path);
			}));
		};
		let timer = 0;
		input.addEventListener('input', () => {
			clearTimeout(timer);
			timer = setTimeout(search, 80);
		});
		select.addEventListener('change', search);
		const left = data.files_not_listed;
		show('files', h('div', { class: 'search' }, h('label', {}, input), select), said, hits, all,
			left ? h('p', { class: 'note' }, `${count(left, 'file')} in ${count(data.folders_not_listed, 'folder')} can’t be listed here: `,
				link('sos_reports/manifest.json', 'the manifest'), ' has all of them.') : null);
	};

	// ---- What is missing ----

	const drawMissing = () => {
		const group = (problem) => {
			const paths = pathsOf(problem);
			const item = (path) => h('li', {}, problem.status === 'partial' ? link(path) : path);
			const path = h('span', { class: 'mono' }, problem.path);
			return h('tr', {},
				h('td', {}, problem.count > 1
					? lazy([path, ` (${problem.count.toLocaleString('en')})`], () => chunked(h('ul', { class: 'hits' }), paths, item))
					: problem.status === 'partial' ? h('span', { class: 'mono' }, link(problem.path)) : path),
				h('td', {}, problem.varies ? 'for example: ' : '', problem.reason, problem.rows ? ` (${count(problem.rows, 'row')} dropped)` : ''));
		};
		const table = (title, groups) => {
			if (!groups.length)
				return [];
			// Files of the whole machine before those of each process.
			const sorted = [...groups.filter((p) => p.count === 1), ...groups.filter((p) => p.count > 1)];
			const [body, button] = chunked(h('tbody', {}), sorted, group, 50);
			return [h('h3', {}, title), h('table', { class: 'missing' }, h('thead', {}, h('tr', {},
				h('th', { scope: 'col' }, 'File'), h('th', { scope: 'col' }, 'Reason'))), body), button];
		};
		const remarks = (title, list) => list.length ? [h('h3', {}, title), h('dl', {}, list.map((r) =>
			h('div', {}, h('dt', {}, r.name), h('dd', {}, r.status ? `${r.status}: ` : '', r.text))))] : [];
		const of = (status) => data.problems.filter((p) => p.status === status);
		const left = data.problems_not_listed;
		const children = [
			...remarks('Plugins that did not finish', data.plugins),
			...remarks('Plugins that could not be loaded', data.not_loaded),
			...table('Partial: what could be read is there', of('partial')),
			...table('Not there', of('omitted')),
			left ? h('p', { class: 'note' }, `${count(left, 'more such file')}: see `, link('sos_reports/manifest.json', 'the manifest'), '.') : null,
			...remarks('Plugins that did not run', data.skipped),
			...remarks('Notes', data.notes),
		].filter(Boolean);
		show('missing', children.length ? children : h('p', {}, 'Nothing: every file is there and whole.'));
	};

	// ---- All of it ----

	const drawNav = () => {
		const nav = section('nav');
		for (const id of ['panic', 'blocked', 'memory', 'cpus', 'machine', 'log', 'files', 'missing'])
			if (!section(id).hidden)
				nav.append(to(id, { panic: 'Stack', blocked: 'Blocked tasks', memory: 'Memory', cpus: 'CPUs', machine: 'Machine',
					log: 'Log', files: 'Files', missing: 'What is missing' }[id]));
		nav.hidden = false;
	};

	// One part that makes no sense costs itself alone.
	const draws = { alerts: drawAlerts, facts: drawFacts, panic: drawPanic, blocked: drawBlocked, memory: drawMemory,
		cpus: drawCpus, machine: drawMachine, log: drawLog, files: drawFiles, missing: drawMissing };
	for (const [id, draw] of Object.entries(draws)) {
		try {
			draw();
		} catch (error) {
			show(id, h('p', { class: 'note' }, `This can’t be drawn: ${error.message}`));
		}
	}
	drawNav();
})();
