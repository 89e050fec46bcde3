import sys

from pumpflix.supervisor.main import main

sys.exit(main(sys.argv[1:]))
