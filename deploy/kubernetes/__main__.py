"""`python -m deploy.kubernetes` writes what is made of the topic table into `components/strimzi`."""

from deploy.kubernetes.strimzi import write

if __name__ == "__main__":
    write()
