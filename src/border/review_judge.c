/* SPDX-License-Identifier: Apache-2.0 */
/* What a file of the layer means, and whether it may reach the project. Pure. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "border/review.h"

enum review_kind review_compare(const struct review_side *layer, const struct review_side *host)
{
	if (layer->is_whiteout)
		return host->is_there ? REVIEW_DELETED : REVIEW_SAME;
	if (!host->is_there)
		return REVIEW_ADDED;
	if ((layer->mode & S_IFMT) != (host->mode & S_IFMT))
		return REVIEW_REPLACED;
	if (S_ISDIR(layer->mode))
		return (layer->mode & 0777) == (host->mode & 0777) ? REVIEW_SAME : REVIEW_MODE;
	if (S_ISLNK(layer->mode))
		return strcmp(layer->link, host->link) == 0 ? REVIEW_SAME : REVIEW_MODIFIED;
	return REVIEW_MODIFIED;
}

/*
 * Where a link leads is judged as text. A ".." after a name may step out of anything, if that name
 * is a link itself; those in front step out of real directories, which can be counted.
 */
static bool stays_inside(const char *path, const char *link)
{
	size_t depth = 0;
	bool was_name = false;

	if (link[0] == '/')
		return false;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
		depth++;
	for (const char *at = link; *at;) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.') {
			if (was_name || depth == 0)
				return false;
			depth--;
		} else if (len > 0 && !(len == 1 && at[0] == '.')) {
			was_name = true;
		}
		at += len + (at[len] == '/');
	}
	return true;
}

/* What never gets in, whatever anybody types. */
static bool judge_type(struct review_row *row)
{
	const struct review_side *s = &row->layer;

	if (s->has_strange_mark) {
		row->answer = REVIEW_NEVER;
		row->why = "it has a mark of overlayfs that this program's layers do not have";
	} else if (s->is_closed) {
		row->answer = REVIEW_NEVER;
		row->why = "what it holds cannot be read, or lies too deep";
	} else if (S_ISCHR(s->mode) || S_ISBLK(s->mode)) {
		row->answer = REVIEW_NEVER;
		row->why = "it is a device";
	} else if (S_ISFIFO(s->mode) || S_ISSOCK(s->mode)) {
		row->answer = REVIEW_SKIPPED;
		row->why = "pipes and sockets are not files to keep";
	} else if (S_ISREG(s->mode) && (s->mode & (S_ISUID | S_ISGID))) {
		row->answer = REVIEW_NEVER;
		row->why = "it would run with its owner's rights (set-id)";
	} else {
		return false;
	}
	return true;
}

static const char *reason_to_ask(const struct review_row *row)
{
	const char *base = strrchr(row->path, '/');
	bool is_deletion = row->kind == REVIEW_DELETED;

	base = base ? base + 1 : row->path;
	if (row->is_conflict)
		return "it changed on the host as well, after the sandbox had seen it";
	if (row->is_risk)
		return "tools of the host execute or obey it";
	if (!is_deletion && S_ISLNK(row->layer.mode) && !stays_inside(row->path, row->layer.link))
		return "the link leads out of the project";
	if (strcasecmp(base, ".git") == 0 && row->kind != REVIEW_ADDED && row->kind != REVIEW_MODE)
		return "it takes a git repository away";
	if (strcasecmp(base, ".git") == 0 && !S_ISDIR(row->layer.mode))
		return "it leads git to another repository";
	if (row->kind == REVIEW_REPLACED && S_ISDIR(row->host.mode))
		return "a whole directory of the host would go";
	return NULL;
}

void review_judge(struct review_row *row)
{
	bool is_dir = row->kind != REVIEW_DELETED && S_ISDIR(row->layer.mode);

	row->answer = REVIEW_FREE;
	row->why = NULL;
	/* A directory by itself does nothing; a deletion takes away what host tools would obey. */
	row->is_risk = row->kind != REVIEW_DELETED && !is_dir && review_is_risk(row->path);
	if (row->kind != REVIEW_DELETED && judge_type(row))
		return;
	row->why = reason_to_ask(row);
	if (row->why)
		row->answer = REVIEW_BY_NAME;
}
