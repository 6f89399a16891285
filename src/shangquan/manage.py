"""Django's commands, for developers: `python -m shangquan.manage makemigrations`. As the database's owner."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shangquan.config.settings")
    os.environ.setdefault("SHANGQUAN_DB_OWNER", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
