package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// issuer is a certificate authority with its key.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// leaf is one certificate to issue, written to <name>.crt and <name>.key.
type leaf struct {
	name     string
	subject  pkix.Name
	server   bool
	notAfter time.Duration // from now; negative: expired already
}

// writePKI writes what a cluster and its tests need into a folder: the authority of servers and users (ca), an
// authority nobody trusts (stranger), the servers' certificate, the users' certificates and the key that signs
// ServiceAccount tokens (sa.key, sa.pub).
func writePKI(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: pki FOLDER")
	}
	folder := args[0]
	authority, err := newIssuer(folder, "ca", "kmagic test CA")
	if err != nil {
		return err
	}
	if _, err := newIssuer(folder, "stranger", "kmagic stranger CA"); err != nil {
		return err
	}
	day := 24 * time.Hour
	leaves := []leaf{
		{"server", pkix.Name{CommonName: "kmagic test server"}, true, day},
		{"admin", pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, false, day},
		{"controller-manager", pkix.Name{CommonName: "system:kube-controller-manager"}, false, day},
		{"scheduler", pkix.Name{CommonName: "system:kube-scheduler"}, false, day},
		{"kubelet-client", pkix.Name{CommonName: "apiserver", Organization: []string{"system:masters"}}, false, day},
		{"expired", pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, false, -time.Hour},
	}
	for _, leaf := range leaves {
		if err := authority.issue(folder, leaf); err != nil {
			return err
		}
	}
	return writeTokenKey(folder)
}

func newIssuer(folder, name, commonName string) (*issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: commonName},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              time.Now().Add(48 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &issuer{certificate, key}, writePair(folder, name, der, key)
}

func (i *issuer) issue(folder string, leaf leaf) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               leaf.subject,
		NotBefore:             time.Now().Add(-24 * time.Hour),
		NotAfter:              time.Now().Add(leaf.notAfter),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	if leaf.server {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.IPv4(10, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.certificate, key.Public(), i.key)
	if err != nil {
		return err
	}
	return writePair(folder, leaf.name, der, key)
}

func writeTokenKey(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(folder, "sa.key", "EC PRIVATE KEY", private); err != nil {
		return err
	}
	return writePEM(folder, "sa.pub", "PUBLIC KEY", public)
}

func writePair(folder, name string, certificate []byte, key *ecdsa.PrivateKey) error {
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(folder, name+".key", "EC PRIVATE KEY", private); err != nil {
		return err
	}
	return writePEM(folder, name+".crt", "CERTIFICATE", certificate)
}

func writePEM(folder, name, kind string, der []byte) error {
	block := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(folder, name), block, 0o600)
}

func serial() *big.Int {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // no randomness: nothing here can be trusted
	}
	return number
}
