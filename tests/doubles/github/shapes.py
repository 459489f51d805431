"""GitHub's JSON, built from what the double knows: complete enough for the published schemas.

``Shapes(github, urls)`` has one method per shape; other files build their own shapes out of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, overload

from tests.doubles.github.accounts import Account, App, Installation, Team, node_id
from tests.doubles.github.repository import Comment, Issue, Label, Reaction, Repository
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import Urls

CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
Json = dict[str, Any]
PERSON_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
REPO_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


@overload
def stamp(moment: datetime) -> str: ...
@overload
def stamp(moment: datetime | None) -> str | None: ...
def stamp(moment: datetime | None) -> str | None:
    """Return a time as GitHub writes it: whole seconds, ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def name_url(login: str) -> str:
    """Return a login as it stands in a path: a bot's brackets are escaped."""
    return login.replace("[", "%5B").replace("]", "%5D")


@dataclass(frozen=True)
class Shapes:
    """The builders, for one caller's addresses."""

    github: GitHub
    urls: Urls

    def account(self, account: Account) -> Json:
        """Return a simple user: a person, a bot or an organisation."""
        url = f"{self.urls.api}/users/{name_url(account.login)}"
        page = account.login.removesuffix("[bot]")
        return {
            "login": account.login,
            "id": account.id,
            "node_id": account.node_id,
            "avatar_url": f"{self.urls.web}/avatars/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.urls.web}/{'apps/' if account.kind == 'Bot' else ''}{page}",
            **{key: url + suffix for key, suffix in PERSON_URLS.items()},
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": account.site_admin,
        }

    def maybe(self, account: Account | None) -> Json | None:
        """Return a simple user, or null."""
        return self.account(account) if account else None

    def organisation(self, account: Account) -> Json:
        """Return an organisation as webhooks carry it."""
        url = f"{self.urls.api}/orgs/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": account.node_id,
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.urls.web}/avatars/u/{account.id}?v=4",
            "description": "",
        }

    def repository(self, repo: Repository, viewer: Account | None = None) -> Json:
        """Return a repository, with the viewer's permissions if there is one."""
        url = self.urls.repo(repo)
        page = self.urls.page(repo)
        shape = {
            "id": repo.id,
            "node_id": repo.node_id,
            "name": repo.name,
            "full_name": repo.full_name,
            "private": repo.private,
            "owner": self.account(repo.owner),
            "html_url": page,
            "description": repo.description,
            "fork": repo.parent is not None,
            "url": url,
            **{key: url + suffix for key, suffix in REPO_URLS.items()},
            "git_url": page.replace("http://", "git://") + ".git",
            "ssh_url": f"git@{self.urls.web.partition('//')[2]}:{repo.full_name}.git",
            "clone_url": page + ".git",
            "svn_url": page,
            "homepage": None,
            **self._counts(repo),
            "language": "Python",
            "has_issues": repo.settings.has_issues,
            **dict.fromkeys(("has_projects", "has_downloads", "has_wiki"), True),
            **dict.fromkeys(("has_pages", "has_discussions", "is_template", "disabled", "web_commit_signoff_required"), False),
            "has_pull_requests": True,
            "pull_request_creation_policy": "all",
            "archived": repo.archived,
            "mirror_url": None,
            "license": None,
            "allow_forking": repo.settings.allow_forking,
            "topics": [],
            "visibility": "private" if repo.private else "public",
            "default_branch": repo.default_branch,
            "created_at": stamp(repo.created_at),
            "updated_at": stamp(repo.updated_at),
            "pushed_at": stamp(repo.pushed_at),
        }
        return shape | ({"permissions": self.rights(repo, viewer)} if viewer else {})

    def _counts(self, repo: Repository) -> Json:
        forks = sum(other.parent is repo for other in self.github.repositories.values())
        issues = sum(issue.state == "open" for issue in repo.issues.values())
        both = {"forks_count": forks, "forks": forks, "open_issues_count": issues, "open_issues": issues}
        return {**both, "stargazers_count": 0, "watchers_count": 0, "watchers": 0, "size": 1}

    def full_repository(self, repo: Repository, viewer: Account | None) -> Json:
        """Return a repository with its settings, as it is answered alone."""
        settings = repo.settings
        shape = self.repository(repo, viewer) | {
            "network_count": 0,
            "subscribers_count": 0,
            "temp_clone_token": None,
            "organization": self.maybe(repo.owner if repo.owner.kind == "Organization" else None),
        }
        if viewer and self.rights(repo, viewer)["push"]:
            shape |= {
                "allow_merge_commit": settings.allow_merge_commit,
                "allow_squash_merge": settings.allow_squash_merge,
                "allow_rebase_merge": settings.allow_rebase_merge,
                "allow_auto_merge": settings.allow_auto_merge,
                "allow_update_branch": settings.allow_update_branch,
                "delete_branch_on_merge": settings.delete_branch_on_merge,
                "use_squash_pr_title_as_default": False,
                "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
                "squash_merge_commit_message": "COMMIT_MESSAGES",
                "merge_commit_title": "MERGE_MESSAGE",
                "merge_commit_message": "PR_TITLE",
            }
        parent = {"parent": self.repository(repo.parent), "source": self.repository(repo.parent)} if repo.parent else {}
        return {key: value for key, value in shape.items() if key != "organization" or value} | parent

    def rights(self, repo: Repository, viewer: Account) -> Json:
        """Return what the viewer may do, as the booleans that GitHub shows; a bot may what its installation may."""
        role = self.github.standard(repo, self.github.role(repo, viewer))
        for installation in self.github.installations_on(repo):
            if installation.app.bot is viewer:
                role = {"write": "write", "read": "read"}.get(installation.permissions.get("contents", "none"), "read")
        names = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
        ranks = ("none", "read", "triage", "write", "maintain", "admin")
        return {name: ranks.index(role) >= ranks.index(least) for name, least in names.items()}

    def label(self, repo: Repository, label: Label) -> Json:
        """Return a label."""
        return {
            "id": label.id,
            "node_id": label.node_id,
            "url": f"{self.urls.repo(repo)}/labels/{label.name.replace(' ', '%20')}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
        }

    def association(self, repo: Repository, account: Account) -> str:
        """Return the ``author_association``."""
        if account.id == repo.owner.id:
            return "OWNER"
        if account.id in repo.owner.members | repo.owner.owners:
            return "MEMBER"
        return "COLLABORATOR" if account.id in repo.collaborators else "NONE"

    def issue(self, issue: Issue) -> Json:
        """Return an issue; a pull request's has ``pull_request``."""
        repo = issue.repo
        url = f"{self.urls.repo(repo)}/issues/{issue.number}"
        page = f"{self.urls.page(repo)}/{'pull' if issue.pull else 'issues'}/{issue.number}"
        shape: Json = {
            "url": url,
            "repository_url": self.urls.repo(repo),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": page,
            "id": issue.id,
            "node_id": issue.node_id,
            "number": issue.number,
            "title": issue.title,
            "user": self.account(issue.user),
            "labels": [self.label(repo, label) for label in issue.labels],
            "state": issue.state,
            "locked": issue.locked,
            "assignee": self.maybe(issue.assignees[0] if issue.assignees else None),
            "assignees": [self.account(one) for one in issue.assignees],
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": stamp(issue.created_at),
            "updated_at": stamp(issue.updated_at),
            "closed_at": stamp(issue.closed_at),
            "author_association": self.association(repo, issue.user),
            "active_lock_reason": None,
            "body": issue.body,
            "reactions": self.rollup(f"{url}/reactions", issue.reactions.values()),
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": self.app(issue.app) if issue.app else None,
            "state_reason": issue.state_reason,
        }
        return shape | (self._pull_part(issue, page) if issue.pull else {"type": None, **SUMMARIES})

    def _pull_part(self, issue: Issue, page: str) -> Json:
        part = {
            "url": f"{self.urls.repo(issue.repo)}/pulls/{issue.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp(issue.merged_at),
        }
        return {"draft": issue.draft, "pull_request": part}

    def full_issue(self, issue: Issue) -> Json:
        """Return an issue as it is answered alone."""
        return self.issue(issue) | {"closed_by": self.maybe(issue.closed_by)}

    def comment(self, comment: Comment) -> Json:
        """Return a comment of an issue or a pull request's conversation."""
        repo, issue = comment.issue.repo, comment.issue
        url = f"{self.urls.repo(repo)}/issues/comments/{comment.id}"
        kind = "pull" if issue.pull else "issues"
        return {
            "url": url,
            "html_url": f"{self.urls.page(repo)}/{kind}/{issue.number}#issuecomment-{comment.id}",
            "issue_url": f"{self.urls.repo(repo)}/issues/{issue.number}",
            "id": comment.id,
            "node_id": comment.node_id,
            "user": self.account(comment.user),
            "created_at": stamp(comment.created_at),
            "updated_at": stamp(comment.updated_at),
            "body": comment.body,
            "author_association": self.association(repo, comment.user),
            "reactions": self.rollup(f"{url}/reactions", comment.reactions.values()),
            "performed_via_github_app": self.app(comment.app) if comment.app else None,
        }

    def reaction(self, reaction: Reaction) -> Json:
        """Return one reaction."""
        return {
            "id": reaction.id,
            "node_id": reaction.node_id,
            "user": self.account(reaction.user),
            "content": reaction.content,
            "created_at": stamp(reaction.created_at),
        }

    def rollup(self, url: str, reactions: Iterable[Reaction]) -> Json:
        """Return how many of each reaction there are."""
        counts = Counter(reaction.content for reaction in reactions)
        return {"url": url, "total_count": counts.total(), **{content: counts[content] for content in CONTENTS}}

    def app(self, app: App) -> Json:
        """Return a GitHub App as everybody sees it."""
        return {
            "id": app.id,
            "client_id": app.client_id,
            "slug": app.slug,
            "node_id": app.node_id,
            "owner": self.account(app.owner),
            "name": app.name,
            "description": app.description,
            "external_url": app.external_url or f"{self.urls.web}/apps/{app.slug}",
            "html_url": f"{self.urls.web}/apps/{app.slug}",
            "created_at": stamp(app.created_at),
            "updated_at": stamp(app.created_at),
            "permissions": app.permissions,
            "events": app.events,
        }

    def installation(self, installation: Installation) -> Json:
        """Return an installation."""
        url = f"{self.urls.api}/app/installations/{installation.id}"
        return {
            "id": installation.id,
            "client_id": installation.app.client_id,
            "account": self.account(installation.account),
            "repository_selection": "all" if installation.repositories is None else "selected",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.urls.api}/installation/repositories",
            "html_url": f"{self.urls.web}/settings/installations/{installation.id}",
            "app_id": installation.app.id,
            "app_slug": installation.app.slug,
            "target_id": installation.account.id,
            "target_type": installation.account.kind,
            "permissions": installation.permissions,
            "events": installation.events,
            "created_at": stamp(installation.created_at),
            "updated_at": stamp(installation.updated_at),
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": None,
            "suspended_at": stamp(installation.suspended_at),
        }

    def installation_lite(self, installation: Installation) -> Json:
        """Return an installation as other events' webhooks carry it."""
        return {"id": installation.id, "node_id": node_id("MDIzO", installation.id)}

    def team(self, team: Team, permission: Literal["pull", "push", "admin"] = "pull") -> Json:
        """Return a team."""
        organisation = team.organisation
        url = f"{self.urls.api}/organizations/{organisation.id}/team/{team.id}"
        return {
            "id": team.id,
            "node_id": team.node_id,
            "url": url,
            "members_url": f"{url}/members{{/member}}",
            "name": team.name,
            "description": None,
            "permission": permission,
            "privacy": "closed",
            "notification_setting": "notifications_enabled",
            "html_url": f"{self.urls.web}/orgs/{organisation.login}/teams/{team.slug}",
            "repositories_url": f"{url}/repos",
            "slug": team.slug,
            "parent": None,
            "type": "organization",
            "organization_id": organisation.id,
        }


SUMMARIES = {
    "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
    "issue_dependencies_summary": {"blocked_by": 0, "total_blocked_by": 0, "blocking": 0, "total_blocking": 0},
}
