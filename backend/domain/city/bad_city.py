"""What is raised about a city file; apart from what reads one, which loads every route."""


class BadCity(Exception):
    """A city file is unusable; `problems` names every wrong key, one Chinese line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("城市文件有误：\n" + "\n".join(f"- {line}" for line in problems))
        self.problems = tuple(problems)
